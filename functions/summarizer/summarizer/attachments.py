"""The deliverables beside a page: the sheet of facts of each set of figures, and its charts.

A page links them by their names, so no two have the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from baton.agents.contract import Deliverable
from summarizer.material import Figures
from summarizer.summary import facts_text

FACTS = "facts"


@dataclass(frozen=True)
class Attachment:
    """A deliverable with its file name."""

    name: str
    deliverable: Deliverable

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.deliverable.to_json()}


def attachments(sets: Sequence[Figures]) -> tuple[list[Figures], tuple[Attachment, ...]]:
    """The figures, with links to names that no other set has, and all attachments in the order of the sets."""
    numbered = [_renamed(figures, number) for number, figures in enumerate(sets, 1)]
    found = [one for number, figures in enumerate(numbered, 1) for one in _of(figures, number)]
    return numbered, tuple(found)


def _renamed(figures: Figures, number: int) -> Figures:
    """The figures with chart names that end with the number of their set, from the second set on."""
    summary = figures.summary
    if number == 1 or not summary.charts:
        return figures
    charts = tuple(replace(one, file=f"{one.file.removesuffix('.svg')}-set-{number}.svg") for one in summary.charts)
    links = summary.page.charts
    for before, after in zip(summary.charts, charts, strict=True):
        links = links.replace(f"]({before.file})", f"]({after.file})")
    return replace(figures, summary=replace(summary, charts=charts, page=replace(summary.page, charts=links)))


def _of(figures: Figures, number: int) -> Iterator[Attachment]:
    sheet = figures.summary.sheet
    if sheet is None:
        return
    title = f"Facts: {figures.summary.page.title}"
    name = f"{FACTS}.json" if number == 1 else f"{FACTS}-set-{number}.json"
    yield Attachment(name, Deliverable("facts", "json", title, facts_text(sheet)))
    for chart in figures.summary.charts:
        yield Attachment(chart.file, Deliverable("chart", "svg", chart.title, chart.svg, {"kpi": chart.kpi}))
