"""An MCP server over the KPI data of one organisation a call: read-only, and only what the query guard lets through."""
