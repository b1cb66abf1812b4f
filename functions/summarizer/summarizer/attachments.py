"""The deliverables beside a page: the sheet of facts of each set of figures, and its charts.

A page links them by their names, so no two have the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from baton.agents.contract import Deliverable
from summarizer.material import Figures
from summarizer.summary import facts_text

MAX_CHARTS_OF_OTHERS = 10  # of each set after the first one: an answer has at most 100 deliverables


def attachments(sets: Sequence[Figures]) -> tuple[list[Figures], tuple[Deliverable, ...]]:
    """The figures, with links to names that no other set has, and all attachments in the order of the sets."""
    numbered = [_renamed(figures, number) for number, figures in enumerate(sets, 1)]
    found = [one for number, figures in enumerate(numbered, 1) for one in _of(figures, number)]
    return numbered, tuple(found)


def _renamed(figures: Figures, number: int) -> Figures:
    """The figures with chart names that end with the number of their set, from the second set on."""
    summary = figures.summary
    if number == 1 or not summary.charts:
        return figures
    charts = tuple(
        replace(one, file=f"{one.file.removesuffix('.svg')}-set-{number}.svg")
        for one in summary.charts[:MAX_CHARTS_OF_OTHERS]
    )
    links = "\n".join(one.link for one in charts)
    return replace(figures, summary=replace(summary, charts=charts, page=replace(summary.page, charts=links)))


def _of(figures: Figures, number: int) -> Iterator[Deliverable]:
    sheet = figures.summary.sheet
    if sheet is None:
        return
    title = f"Facts: {figures.summary.page.title}"
    name = "facts.json" if number == 1 else f"facts-set-{number}.json"
    yield Deliverable("facts", "json", title, facts_text(sheet), name=name)
    for chart in figures.summary.charts:
        yield Deliverable("chart", "svg", chart.title, chart.svg, {"kpi": chart.kpi}, name=chart.file)
