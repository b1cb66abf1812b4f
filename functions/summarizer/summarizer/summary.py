"""The summary of a request: reads the rows, makes the sheet of facts, writes the page, and draws the charts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import localcontext
from typing import Any

from baton.agents.contract import Deliverable
from summarizer import names
from summarizer.beside import Metric
from summarizer.charts.kpis import Drawn, draw_charts
from summarizer.facts import Kind, Sheet
from summarizer.markup import plain
from summarizer.numbers import EXACT, written
from summarizer.periods import Grouping
from summarizer.prose import bullets, sentence, shortened
from summarizer.request import Request
from summarizer.series import Series, read_series
from summarizer.sheet import absent_kpis, days, make_sheet, span_of
from summarizer.writing.page import Page, write_page

MAX_ABSENT = 25  # names on a page without figures
MAX_FAULTS = 10


@dataclass(frozen=True)
class Summary:
    """The page about the figures of a request, its sheet of facts (None without figures) and its charts."""

    page: Page
    sheet: Sheet | None
    charts: tuple[Drawn, ...]
    metadata: dict[str, Any]

    @property
    def deliverable(self) -> Deliverable:
        return Deliverable("summary", "markdown", self.page.title, str(self.page), self.metadata)


def summarize(request: Request) -> Deliverable:
    """The summary as a deliverable. Raises ``Malformed`` if rows contradict each other."""
    return written_up(request).deliverable


def written_up(request: Request) -> Summary:
    """The summary. Raises ``Malformed`` if rows contradict each other."""
    with localcontext(EXACT):
        everything = read_series(request)
        if not everything:
            return _empty(request)
        sheet, judgements = make_sheet(request, everything)
        about = ", ".join(
            filter(None, [days(span_of(request, everything)), f"by {request.grouping}", request.scope.short])
        )
        charts = draw_charts(judgements, request.beside.goals, about)
        page = write_page(sheet, [one.link for one in charts])
        return Summary(page, sheet, charts, _metadata(request, everything, sheet, page))


def _empty(request: Request) -> Summary:
    """The page for a request without figures: it says so, and what to check."""
    asked = [plain(names.spoken(name)) for name in request.kpi_names]
    what = shortened(asked, MAX_ABSENT, "other KPIs") if asked else "any KPI"
    when = ""
    if request.start and request.end:
        when = f" from {request.start} to {request.end}" if request.start != request.end else f" on {request.start}"
    checks = [
        *_longer_grains(request),
        f"Whether these dates are right, and whether figures have been loaded for them{' yet' if when else ''}.",
        "Whether the KPIs are recorded under these names." if request.kpi_names else "Which KPIs the query asks for.",
    ]
    if request.sql:
        checks.append("Whether the SQL of the step before leaves rows out that were meant.")
    scope = request.scope.short
    if scope:
        about = plain(request.scope.short_in_sentence, longest=None)
        checks.append(f"Whether others are meant too: the question is about {about}.")
    text = f"there are no figures for {what}{when}"
    page = Page(
        subject=f"No figures{when}",
        scope=request.scope,
        headline=sentence(f"{plain(scope, longest=None)}: {text}" if scope else text),
        table="",
        sections=(("What to check", bullets(checks)),),
    )
    return Summary(page, None, (), _metadata(request, (), None, page))


def _longer_grains(request: Request) -> Iterator[str]:
    """KPIs whose numbers stand for more than a day: the day of such a number may lie outside the dates."""
    for name in request.kpi_names[:MAX_ABSENT]:
        grain = request.beside.metrics.get(names.key(name), Metric()).grain
        if grain and grain is not Grouping.DAY and not _is_whole(request, grain):
            kpi = plain(names.spoken(name))
            yield f"Whether the dates are a whole {grain.value}: {kpi} is recorded by {grain.value}."


def _is_whole(request: Request, grain: Grouping) -> bool:
    """Whether the dates are whole periods of the grain, as far as they are known."""
    start, end = request.start, request.end
    return not (start and end) or (start, end) == (grain.start_of(start), grain.end_of(grain.start_of(end)))


def _metadata(request: Request, everything: Sequence[Series], sheet: Sheet | None, page: Page) -> dict[str, Any]:
    """The content of the page for programs. ``statements`` are its sentences, each with the ids of its facts."""
    start, end = (sheet.start, sheet.end) if sheet else (request.start, request.end)
    return {
        "kpiNames": list(request.kpi_names or dict.fromkeys(series.kpi for series in everything)),
        "kpisWithoutFigures": list(absent_kpis(request, everything)),
        "grouping": request.grouping.value,
        "startDate": start and start.isoformat(),
        "endDate": end and end.isoformat(),
        "rowCount": len(request.rows),
        "periods": [day.isoformat() for day in sorted({p.period for series in everything for p in series.points})],
        "figures": _figures(sheet) if sheet else [],
        "sql": request.sql,
        "companies": list(request.scope.companies),
        "departments": list(request.scope.departments),
        "breakdown": request.breakdown or None,
        "statements": [{"text": one.text, "facts": [fact.id for fact in one.facts]} for one in page.statements],
        "faults": list(request.beside.faults[:MAX_FAULTS]),
    }


def _figures(sheet: Sheet) -> list[dict[str, str | None]]:
    """The newest figure of each KPI, and its total if it adds up, as exact decimal strings."""
    totals = {fact.kpi: written(fact["value"]) for fact in sheet.of(Kind.FIGURE, code="total")}
    return [
        {
            "kpi": fact.kpi,
            "unit": sheet.kpis[fact.kpi].style.unit.text,
            "period": fact.dates["period"].isoformat(),
            "value": written(fact["value"]),
            "total": totals.get(fact.kpi),
        }
        for fact in sheet.of(Kind.FIGURE, code="latest")
    ]


def facts_text(sheet: Sheet) -> str:
    """The sheet as the text of a JSON file."""
    return json.dumps(sheet.to_json(), ensure_ascii=False, indent=1) + "\n"
