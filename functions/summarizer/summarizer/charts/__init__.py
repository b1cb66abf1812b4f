"""Charts: one SVG for each KPI, drawn without a library (docs/decisions.md says why)."""
