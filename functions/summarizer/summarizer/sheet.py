"""Makes the sheet of facts of a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain

from summarizer import names, periods
from summarizer.anomalies import look
from summarizer.deriving.changes import change_facts, to_date_facts
from summarizer.deriving.counts import count_facts
from summarizer.deriving.drivers import driver_facts
from summarizer.deriving.figures import figure_facts
from summarizer.deriving.plans import goal_facts, plan_facts
from summarizer.deriving.quality import newest_day, quality_facts
from summarizer.deriving.unusual import anomaly_facts
from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.judging import Judgement, judge
from summarizer.periods import Grouping, Span, between
from summarizer.prose import listed
from summarizer.ranking import ORDER, ranked
from summarizer.request import Request
from summarizer.series import Series

MAX_IN_TITLE = 3
MAX_FACTS = 1_000  # without the newest figure of each KPI, which the table needs


def make_sheet(request: Request, everything: Sequence[Series]) -> tuple[Sheet, tuple[Judgement, ...]]:
    """The facts in their order, and the judgements behind them. ``everything`` has a series at least."""
    span = span_of(request, everything)
    judgements = tuple(judge(series, request, span) for series in everything)
    kpis = {series.name: _kpi(series) for series in everything}
    facts = ranked(_facts(request, judgements, span), kpis)
    kept = _kept(facts)
    sheet = Sheet(
        title=title(everything, span, request),
        scope=request.scope,
        grouping=request.grouping,
        start=span.start,
        end=span.end,
        kpis=kpis,
        facts=kept,
        order=ORDER,
        left_out=len(facts) - len(kept),
    )
    return sheet, judgements


def _kept(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The first facts, and those that a page cannot do without."""
    needed = {fact.position for fact in facts if fact.kind is Kind.COUNT or fact.code == "latest"}
    return tuple(fact for fact in facts if fact.position <= MAX_FACTS or fact.position in needed)


def _facts(request: Request, judgements: Sequence[Judgement], span: Span) -> list[Fact]:
    beside, everything = request.beside, [one.series for one in judgements]
    told = [one for one in judgements if not one.series.is_plan]
    looked = {one.series.name: look(one) for one in told}
    figures = sum(one.figures for one in looked.values())
    newest = newest_day(everything, span)
    changes = list(chain.from_iterable(change_facts(one, told) for one in told))
    facts = list(changes)
    for one in told:
        facts += goal_facts(one, beside.goals, told)
        facts += plan_facts(one, judgements)
        facts += anomaly_facts(one, looked[one.series.name], figures)
        facts += to_date_facts(one, beside.to_date)
        facts += driver_facts(one, beside.drivers, request.grouping)
    for one in judgements:
        facts += figure_facts(one)
        facts += quality_facts(one, span, newest)
    facts += count_facts(judgements, changes, list(looked.values()), absent_kpis(request, everything))
    return facts


def absent_kpis(request: Request, everything: Sequence[Series]) -> tuple[str, ...]:
    """The KPIs of the request that have no figure."""
    present = {key for series in everything for key in (names.key(series.kpi), names.key(series.name))}
    return tuple(name for name in request.kpi_names if names.key(name) not in present)


def span_of(request: Request, everything: Sequence[Series]) -> Span:
    """The asked range, extended to all rows in it."""
    shown = [row.period for row in request.rows if row.value is not None]
    start = request.start or min(min(shown), request.end or date.max)
    last = max(shown)
    end = request.end or max(_end_of_data(request, everything, last), start)
    return Span(request.grouping, start, end).including(shown)


def _end_of_data(request: Request, everything: Sequence[Series], last: date) -> date:
    if request.grouping is not Grouping.TOTAL:
        return request.grouping.end_of(last)
    days = [p.covers.last_day for series in everything for p in series.points if p.covers and p.covers.last_day]
    return max(days, default=last)


def title(everything: Sequence[Series], span: Span, request: Request) -> str:
    """``Revenue and costs against plan, Jan 2025 to Mar 2025, by month``; without the scope. Plans are not counted."""
    actual = [series for series in everything if not series.is_plan] or everything
    distinct = [names.spoken(kpi) for kpi in dict.fromkeys(series.kpi for series in actual)]
    what = listed(distinct) if len(distinct) <= MAX_IN_TITLE else f"{len(distinct):,} KPIs"
    by = "in total" if span.grouping is Grouping.TOTAL else f"by {span.grouping.value}"
    apart = f" and {request.breakdown}" if request.breakdown else ""
    planned = " against plan" if len(actual) < len(everything) else ""
    return f"{what[:1].upper()}{what[1:]}{planned}, {days(span)}, {by}{apart}"


def days(span: Span) -> str:
    """The range: ``Jan 2025 to Mar 2025``, or its days if it has a part of a period."""
    if span.grouping in (Grouping.MONTH, Grouping.QUARTER, Grouping.YEAR) and not span.partial:
        return between(span.periods[0], span.periods[-1], span.grouping)
    if span.grouping is Grouping.TOTAL:
        return periods.days(span.start, span.end)
    return str(span.start) if span.start == span.end else f"{span.start} to {span.end}"


def _kpi(series: Series) -> Kpi:
    metric = series.metric
    return Kpi(
        name=series.name,
        spoken=series.spoken,
        style=series.style,
        step=series.step,
        aggregation=metric.aggregation,
        additive=series.additive,
        direction=metric.direction,
        plan_of=metric.plan_of,
        grain=metric.grain,
        grain_inferred=metric.grain_inferred,
        weighted=metric.weighted,
        sparse=metric.sparse,
        part=series.part,
    )
