"""Notes: facts about the data that a reader must know, and the methods of computation."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

from summarizer.markup import plain
from summarizer.periods import Grouping, Span
from summarizer.prose import listed, runs, sentence, shortened
from summarizer.readings import Basis, Reading
from summarizer.scope import Scope
from summarizer.series import Aggregation, Series

MAX_NAMES = 5
MAX_RUNS = 4
MAX_GAPS = 3
MIN_FOR_WEEKDAY = 3  # Saturdays without figures, before the page writes "every Saturday"

TAKEN_AS = {
    Aggregation.SUM: "a quantity that adds up",
    Aggregation.AVERAGE: "a figure that does not add up",
    Aggregation.LAST: "a level, of which the latest counts",
}


def notes(readings: Sequence[Reading], scope: Scope, span: Span, asked: Span) -> tuple[str, ...]:
    """Sentences, the most important first. ``asked`` is the span of the request; ``span`` includes all rows."""
    series = [reading.series for reading in readings]
    return (
        *_scope(scope),
        *_outside(span, asked),
        *_gaps(series, span),
        *_partial(series, span),
        *_uneven(series, span),
        *_assumptions(series),
        *_running(readings),
        *_overall(readings),
        *_lower_is_better(readings),
        *_methods(readings),
    )


def missing_periods(series: Series, span: Span) -> tuple[date, ...]:
    """The periods of the span without a figure."""
    present = {point.period for point in series.points}
    return tuple(period for period in span.periods if period not in present)


def unexplained(missing: Sequence[date], span: Span) -> tuple[tuple[int, ...], tuple[date, ...]]:
    """The weekdays (0 is Monday) that never have figures, such as weekends, and the other missing periods."""
    if span.grouping is not Grouping.DAY:
        return (), tuple(missing)
    never = tuple(
        weekday
        for weekday in range(7)
        if (days := [day for day in span.periods if day.weekday() == weekday])
        and len(days) >= MIN_FOR_WEEKDAY
        and set(days) <= set(missing)
    )
    return never, tuple(day for day in missing if day.weekday() not in never)


def series_names(series: Sequence[Series]) -> str:
    """The names of ``series`` for a sentence, shortened if they are many."""
    return shortened([plain(one.spoken) for one in series], MAX_NAMES, "other KPIs")


def _scope(scope: Scope) -> list[str]:
    if not scope:
        return []
    return [f"The figures are of {plain(scope.full_in_sentence, longest=None)}; all others are left out."]


def _outside(span: Span, asked: Span) -> list[str]:
    if span == asked:
        return []
    return [f"Some rows lie outside {asked.start} to {asked.end}, which was asked for; they are counted."]


def _gaps(series: Sequence[Series], span: Span) -> list[str]:
    alike: dict[tuple[date, ...], list[Series]] = {}
    for one in series:
        if missing := missing_periods(one, span):
            alike.setdefault(missing, []).append(one)
    sentences = [
        f"No figures for {series_names(members)}: {_gap(missing, span)}."
        for missing, members in list(alike.items())[:MAX_GAPS]
    ]
    if rest := sum(len(members) for members in list(alike.values())[MAX_GAPS:]):
        sentences.append(f"{rest:,} more {'KPI has' if rest == 1 else 'KPIs have'} gaps.")
    return [" ".join([*sentences, "Gaps are left out, not counted as zero."])] if sentences else []


def _gap(missing: Sequence[date], span: Span) -> str:
    weekdays, others = unexplained(missing, span)
    parts = [f"every {listed([calendar.day_name[weekday] for weekday in weekdays])}"] if weekdays else []
    if others:
        gaps = runs(others, span.grouping)
        many = len(gaps) > MAX_RUNS + 1
        parts.append(
            f"{span.grouping.counted(len(others))} between {others[0]} and {others[-1]}" if many else listed(gaps)
        )
    return "; ".join(parts)


def _partial(series: Sequence[Series], span: Span) -> list[str]:
    sums = any(one.aggregation is Aggregation.SUM for one in series)
    present = {point.period for one in series for point in one.points}
    sentences = []
    for period in sorted(span.partial & present):
        first, last = span.days_of(period)
        days = f"only {first}" if first == last else f"only {first} to {last}"
        effect = f"it counts towards totals but is not compared with whole {span.grouping.value}s" if sums else ""
        sentences.append(
            "; ".join(filter(None, [f"{sentence(span.grouping.named(period))[:-1]} covers {days}", effect])) + "."
        )
    return sentences


def _uneven(series: Sequence[Series], span: Span) -> list[str]:
    return [
        f"Sums of {plain(one.spoken)} lack parts that other {span.grouping.value}s have: "
        f"{shortened(runs(one.uneven, span.grouping), MAX_RUNS)}."
        for one in series
        if one.uneven
    ][:MAX_GAPS]


def _assumptions(series: Sequence[Series]) -> list[str]:
    clauses = []
    for aggregation, meaning in TAKEN_AS.items():
        if members := [one for one in series if one.assumed and one.aggregation is aggregation]:
            verb = "is" if len(members) == 1 else "are each"
            clauses.append(f"{series_names(members)} {verb} taken as {meaning}")
    return [sentence(f"the rows do not say how figures aggregate: {'; '.join(clauses)}")] if clauses else []


def _running(readings: Sequence[Reading]) -> list[str]:
    """Running totals: why they are taken as such, their comparison, and the periods in which one falls."""
    totals = [(reading.series, reading.running) for reading in readings if reading.running]
    kinds = {
        "a running total that starts again": [s for s, how in totals if how.starts_again and not how.inferred],
        "taken as a running total that starts again, because it falls at the turn of a year and never within one": [
            s for s, how in totals if how.inferred
        ],
    }
    grouping = readings[0].span.grouping
    same = f"the same {grouping.value} a year before, and with nothing else"
    sentences = [f"{_are(series, kind)}. It is compared with {same}." for kind, series in kinds.items() if series]
    if growing := [series for series, how in totals if not how.starts_again]:
        sentences.append(f"{_are(growing, 'a running total')}: that it grows is neither good news nor bad.")
    sentences += [
        f"{_are([series], 'a running total')} and yet falls: "
        f"{shortened(runs(how.falls, grouping), MAX_RUNS)}. Negative amounts were counted, or parts are absent."
        for series, how in totals
        if how.falls
    ][:MAX_GAPS]
    return sentences


def _are(series: Sequence[Series], what: str) -> str:
    """``Sales to date is what``, ``Sales to date and orders to date are each what``."""
    return sentence(f"{series_names(series)} {'is' if len(series) == 1 else 'are each'} {what}")[:-1]


def _overall(readings: Sequence[Reading]) -> list[str]:
    sentences = []
    for reading in readings:
        if whole := reading.overall:
            formula = whole.formula.format(a=plain(whole.a.spoken), b=plain(whole.b.spoken))
            sentences.append(
                sentence(f"{plain(reading.series.spoken)} overall is {formula}, computed from their totals")
            )
    averaged = [
        r.series for r in readings if r.basis is Basis.AVERAGE and r.series.unit.in_points and len(r.series.points) > 1
    ]
    if averaged:
        averaged_by = readings[0].span.grouping.value
        sentences.append(f"The average of {series_names(averaged)} gives every {averaged_by} the same weight.")
    return sentences


def _lower_is_better(readings: Sequence[Reading]) -> list[str]:
    series = [reading.series for reading in readings if reading.series.lower_is_better and reading.best]
    return [f"For {series_names(series)}, the lowest figure counts as the best."] if series else []


def _methods(readings: Sequence[Reading]) -> list[str]:
    methods = []
    if any(reading.trend for reading in readings):
        methods.append("trends by the Mann–Kendall test, their size by the Theil–Sen slope")
    if any(reading.outliers for reading in readings):
        methods.append("outliers by the median absolute deviation")
    if methods and any(reading.by_weekday for reading in readings):
        methods.append("days compared with the same weekday only")
    return [sentence(f"method: {'; '.join(methods)}")] if methods else []
