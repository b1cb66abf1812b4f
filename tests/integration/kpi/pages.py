"""The page about a deliverable of supabase-agent, by the mappings of kpi-tracking."""

from __future__ import annotations

from typing import Any

import yaml

from cli.checkout import ROOT
from summarizer.brief import write_brief

DEFINITION = yaml.safe_load((ROOT / "definitions" / "orchestrations" / "kpi-tracking.yaml").read_text(encoding="utf-8"))
FETCH, SUMMARIZE = DEFINITION["orchestration"]["steps"]
START = "$.content.deliverable."


def page_of(deliverable: dict[str, Any]) -> str:
    """The Markdown of the page."""
    return write_brief(context_of(deliverable)).page.content


def context_of(deliverable: dict[str, Any]) -> dict[str, Any]:
    """What the second step gets from the first."""
    outputs = {name: _at(deliverable, path) for name, path in FETCH["output_mapping"].items()}
    templates = SUMMARIZE["input"]["context"]
    return {key: outputs[text.removeprefix("{{ steps.fetch-kpi-data.")[:-3]] for key, text in templates.items()}


def _at(deliverable: dict[str, Any], path: str) -> Any:
    value: Any = deliverable
    for key in path.removeprefix(START).split("."):
        value = value[key]
    return value
