"""The summary of a request: reads the rows, computes, and writes the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from baton.agents.contract import Deliverable
from summarizer import names
from summarizer.advice import advice
from summarizer.markup import plain
from summarizer.measures import EXACT, Change
from summarizer.notes import notes
from summarizer.page import Page, bullets, page
from summarizer.periods import Grouping, Span
from summarizer.prose import between, listed, sentence, shortened
from summarizer.readings import Reading, read
from summarizer.request import Request
from summarizer.series import Point, Series, read_series
from summarizer.units import rounded

MAX_IN_TITLE = 3
MAX_ABSENT = 25  # names on a page without figures
METADATA_DECIMALS = 10  # of quotients; figures of the data keep all their decimals


@dataclass(frozen=True)
class Summary:
    """The page about the figures of a request, and its content as metadata."""

    page: Page
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
        periods = [point.period for series in everything for point in series.points]
        asked = _asked_span(request, periods)
        span = asked.including(periods)
        readings = [read(series, everything, span) for series in everything]
        absent = absent_kpis(request, everything)
        subject = _subject([series.kpi for series in everything], span)
        noted = notes(readings, request.scope, span, asked)
        content = page(subject, readings, request.scope, absent, advice(readings, absent, span), noted)
        return Summary(content, _metadata(request, span, readings, absent))


def absent_kpis(request: Request, everything: Sequence[Series]) -> tuple[str, ...]:
    """The KPIs of the request that have no figure."""
    present = {names.key(series.kpi) for series in everything}
    return tuple(name for name in request.kpi_names if names.key(name) not in present)


def _asked_span(request: Request, periods: Sequence[date]) -> Span:
    start = request.start or min(min(periods), request.end or date.max)
    end = request.end or max(request.grouping.end_of(max(periods)), start)
    return Span(request.grouping, start, end)


def _subject(kpis: Sequence[str], span: Span) -> str:
    distinct = [names.spoken(kpi) for kpi in dict.fromkeys(kpis)]
    what = listed(distinct) if len(distinct) <= MAX_IN_TITLE else f"{len(distinct):,} KPIs"
    return f"{what[:1].upper()}{what[1:]}, {_days(span)}, by {span.grouping.value}"


def _days(span: Span) -> str:
    if span.grouping is Grouping.MONTH and not span.partial:
        return between(span.periods[0], span.periods[-1], span.grouping)
    return str(span.start) if span.start == span.end else f"{span.start} to {span.end}"


def _empty(request: Request) -> Summary:
    """The page for a request without figures: it says so, and what to check."""
    asked = [plain(names.spoken(name)) for name in request.kpi_names]
    what = shortened(asked, MAX_ABSENT, "other KPIs") if asked else "any KPI"
    when = ""
    if request.start and request.end:
        when = f" from {request.start} to {request.end}" if request.start != request.end else f" on {request.start}"
    checks = [
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
    return Summary(page, _metadata(request, None, (), request.kpi_names))


def _metadata(
    request: Request, span: Span | None, readings: Sequence[Reading], absent: Sequence[str]
) -> dict[str, Any]:
    """The content of the page for programs. Figures are decimal strings; dates are the first days of periods."""
    start, end = (span.start, span.end) if span else (request.start, request.end)
    return {
        "kpiNames": list(request.kpi_names or dict.fromkeys(reading.series.kpi for reading in readings)),
        "kpisWithoutFigures": list(absent),
        "grouping": request.grouping.value,
        "startDate": start and start.isoformat(),
        "endDate": end and end.isoformat(),
        "rowCount": len(request.rows),
        "periods": [period.isoformat() for period in sorted({p.period for r in readings for p in r.series.points})],
        "figures": [_figures(reading) for reading in readings],
        "sql": request.sql,
        "companies": list(request.scope.companies),
        "departments": list(request.scope.departments),
    }


def _figures(reading: Reading) -> dict[str, Any]:
    return {
        "kpi": reading.series.name,
        "unit": reading.series.unit.text,
        "basis": reading.basis.value,
        "value": _number(reading.figure),
        "first": _point(reading.compared[0] if reading.compared else None),
        "last": _point(reading.compared[-1] if reading.compared else None),
        "change": _change(reading.change, reading.series),
        "changeOnPrevious": _change(reading.latest_change or reading.change, reading.series),
        "best": _point(reading.best),
        "worst": _point(reading.worst),
        "trend": {1: "up", -1: "down", 0: "none"}[reading.trend.direction] if reading.trend else None,
        "outliers": [_point(outlier.point) for outlier in reading.outliers],
    }


def _point(point: Point | None) -> dict[str, str] | None:
    return None if point is None else {"period": point.period.isoformat(), "value": _number(point.value)}


def _change(change: Change | None, series: Series) -> dict[str, str | None] | None:
    if change is None:
        return None
    percent = None if series.unit.in_points else change.percent
    return {
        "difference": _number(change.difference),
        "percent": None if percent is None else _number(rounded(percent, 4)),
    }


def _number(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    endless = len(value.as_tuple().digits) >= EXACT.prec and isinstance(exponent, int) and exponent < 0
    return f"{rounded(value, METADATA_DECIMALS) if endless else value:f}"
