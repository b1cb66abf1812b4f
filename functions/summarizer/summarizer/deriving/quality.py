"""Facts about the data: what figures cover, what is missing, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from summarizer.beside import To
from summarizer.comparing import WEEK
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement, steps_without_departments
from summarizer.periods import Grouping, Span
from summarizer.series import Point, Series


def quality_facts(judgement: Judgement, span: Span, newest: date) -> Iterator[Fact]:
    """``newest`` is the last day with data of any KPI, or the first day of the newest period."""
    yield from _partial(judgement, span)
    yield from _edges(judgement)
    yield from _departments(judgement)
    yield from _strangers(judgement)
    yield from _numbers_of_departments(judgement)
    yield from _gaps(judgement.series, span)
    yield from _beyond(judgement.series, span)
    yield from _stale(judgement.series, span, newest)
    yield from _flags(judgement, span)


def _fact(series: Series, code: str, derivation: str, **parts: Any) -> Fact:
    values = {name: Quantity(Decimal(n), unit) for name, (n, unit) in parts.get("values", {}).items()}
    return Fact(
        Kind.QUALITY, code, series.name, values, parts.get("dates", {}), parts.get("names", {}), Derivation(derivation)
    )


def _partial(judgement: Judgement, span: Span) -> Iterator[Fact]:
    series = judgement.series
    if series.is_level:
        return
    for point in series.points:
        if point.period in judgement.partial:
            first, last = _covered(judgement, point, span)
            days = (last - first).days + 1
            end = span.end_of(point.period) if series.step is Grouping.TOTAL else series.step.end_of(point.period)
            whole = (end - point.period).days + 1
            unit, number, of = _numbers(series, point, days, whole)
            compared = any(one.is_of_period and one.period == point.period for one in judgement.comparisons)
            yield _fact(
                series,
                "partial" if compared else "partialNotCompared",
                "days from the first to the last with data, of all days of the period; with holes in it, its numbers",
                values={"number": (number, unit), "of": (of, unit)},
                dates={"period": point.period, "firstDay": first, "lastDay": last},
            )


def _numbers(series: Series, point: Point, days: int, whole: int) -> tuple[str, int, int]:
    """What a partial period has, of what it should have: days, or the numbers that it has between holes."""
    grain = series.metric.grain or Grouping.DAY
    end = point.period + timedelta(days=whole - 1)
    begun = [period for period in Span(grain, point.period, end).periods if period >= point.period]
    known = point.covers.days if point.covers else None
    if known is None or (days < whole and not (grain is Grouping.WEEK and known < len(begun))):
        return "days", days, whole
    return f"{grain.value}s", known, len(begun)


def _covered(judgement: Judgement, point: Point, span: Span) -> tuple[date, date]:
    """The days of a period that its numbers stand for; of a sparse count, whose days are no measure, those compared."""
    series = judgement.series
    first, last = span.days_of(point.period)
    if series.metric.sparse:
        parts = (one.part for one in judgement.comparisons if one.is_of_period and one.period == point.period)
        return next(filter(None, parts), (first, last))
    covers = point.covers
    if covers is None or covers.first_day is None or covers.last_day is None or series.metric.grain is None:
        return first, last
    grain = series.metric.grain
    return max(first, grain.start_of(covers.first_day)), min(last, grain.end_of(grain.start_of(covers.last_day)))


def _edges(judgement: Judgement) -> Iterator[Fact]:
    """Departments whose data begin or end inside a period that the others reported whole."""
    series = judgement.series
    if series.part:
        return
    late = {name for one in judgement.comparisons for names in one.not_counted.values() for name in names}
    for code, edges in (("until", series.metric.ends), ("from", series.metric.starts)):
        found: dict[tuple[str, date], list[str]] = {}
        for one in edges:
            key = f"{code}NotCompared" if one.department in late else code
            found.setdefault((key, one.day), []).append(one.department)
        for (key, day), names in found.items():
            how = "the last or first day of departments, which differs from that of the others by more than usual"
            yield _fact(series, key, how, dates={"day": day}, names={"departments": tuple(names)})


def _departments(judgement: Judgement) -> Iterator[Fact]:
    """Departments that came, went, or did not report for a while."""
    series = judgement.series
    if series.step is Grouping.DAY:
        return  # not to sell on a day is usual
    gone: dict[str, date] = {}
    came: set[str] = set()
    found: dict[tuple[str, date, date], list[str]] = {}
    steps = [one for one in judgement.comparisons if one.to is To.PREVIOUS]
    for one in steps:
        gone |= {name: one.period for name in one.left if name not in gone}
        for name in one.joined:
            since = gone.pop(name, None)
            if since is None and name in came:
                continue  # it came in the middle of the period before
            came.add(name)
            if since is None and _has_edge(series, name, one.period):
                continue
            code, first = ("joined", one.period) if since is None else ("away", since)
            found.setdefault((code, first, one.to_period), []).append(name)
        for period, late in ((one.period, one.late), (one.to_period, one.late_before)):
            names = found.setdefault(("late", period, period), [])
            names += [name for name in late if name not in names and not _has_edge(series, name, period)]
    for name, since in gone.items():
        found.setdefault(("left", since, steps[-1].period), []).append(name)
    for (code, first, last), names in found.items():
        if not names:
            continue
        dates = {"period": first} if code in ("joined", "late") else {"period": first, "to": last}
        how = "departments that reported in one of two compared periods only, or late: in a part of one"
        yield _fact(series, code, how, dates=dates, names={"departments": tuple(names)})


def _has_edge(series: Series, department: str, period: date) -> bool:
    """Whether the day in the period is known on which the data of a department begin or end."""
    edges = [one for one in (*series.metric.starts, *series.metric.ends) if one.department == department]
    return any(series.step is Grouping.TOTAL or series.step.start_of(one.day) == period for one in edges)


def _strangers(judgement: Judgement) -> Iterator[Fact]:
    """Neighbouring periods in which different departments reported."""
    series = judgement.series
    if series.metric.sparse or series.part or series.step is Grouping.DAY:
        return
    for before, after in steps_without_departments(series, judgement.comparisons):
        dates = {"period": after.period, "toPeriod": before.period}
        yield _fact(series, "strangers", "no department reported the whole of both periods", dates=dates)


def _numbers_of_departments(judgement: Judgement) -> Iterator[Fact]:
    """How many departments reported in the newest period, if their number changed and nothing could be compared."""
    series = judgement.series
    last = series.points[-1]
    if series.step is Grouping.DAY:
        return  # not to sell on a day is usual
    if any(one.is_of_period and one.period == last.period for one in judgement.comparisons) or not last.covers:
        return
    now, before = last.covers.departments, last.covers.departments_before
    if now is not None and before and now != before:
        yield _fact(
            series,
            "departments",
            "departments that reported, in the period and in the one before",
            values={"departments": (now, "departments"), "departmentsBefore": (before, "departments")},
            dates={"period": last.period},
        )


def _gaps(series: Series, span: Span) -> Iterator[Fact]:
    """The periods without a figure: in the range, or between figures that are coarser than the grouping."""
    if series.metric.sparse or series.step is Grouping.TOTAL:
        return
    missing = [period for period in _expected(series, span) if period not in series.by_period]
    if series.step is Grouping.DAY:
        worked = {point.period.weekday() for point in series.points}
        missing = [day for day in missing if day.weekday() in worked or len(series.points) < 2 * WEEK]
    outside = {period for period in missing if _is_of_months(series) and period in span.partial}
    for code, periods in (("missing", [one for one in missing if one not in outside]), ("outside", sorted(outside))):
        if periods:
            dates = {f"period{at}": period for at, period in enumerate(periods)}
            how = "periods of the range without a row"
            yield _fact(series, code, how, values={"periods": (len(periods), "periods")}, dates=dates)


def _is_of_months(series: Series) -> bool:
    """Whether a number stands for a month or longer, so that its day in there means nothing."""
    return series.metric.grain is not None and series.metric.grain.length >= Grouping.MONTH.length


def _beyond(series: Series, span: Span) -> Iterator[Fact]:
    """Figures of whole periods that the range has only in part."""
    if not _is_of_months(series) or series.step is Grouping.TOTAL:
        return
    cut = [p.period for p in series.points if p.period < span.start or series.step.end_of(p.period) > span.end]
    if cut:
        dates = {f"period{at}": period for at, period in enumerate(cut)}
        yield _fact(
            series, "beyond", "periods that the range cuts, and whose figures stand for all of them", dates=dates
        )


def _expected(series: Series, span: Span) -> list[date]:
    """The periods of the range; of a coarser grain those between the first and the last figure."""
    if series.step is span.grouping:
        return list(span.periods)
    expected, period = [], series.points[0].period
    while period <= series.points[-1].period:
        expected.append(period)
        period = series.step.after(period)
    return expected


def _stale(series: Series, span: Span, newest: date) -> Iterator[Fact]:
    """A level that is older than the newest figure of any KPI, or than the end of its period in the range."""
    if not series.is_level:
        return
    last = series.points[-1]
    as_of = series.as_of(last) or series.step.end_of(last.period)
    if as_of < max(newest, min(series.step.end_of(last.period), span.end)):
        yield _fact(series, "stale", "last day with data", dates={"asOf": as_of, "newest": newest})


def _flags(judgement: Judgement, span: Span) -> Iterator[Fact]:
    series, metric = judgement.series, judgement.series.metric
    if judgement.is_running_total:
        yield _fact(series, "runningTotal", "falls to less than half at every turn of a year, and never within one")
    elif judgement.main is None and len(series.points) > 1 and not series.is_plan:
        yield _fact(series, "notCompared", "no two periods cover the same days and departments")
    elif judgement.main and judgement.seasons_known is False:
        yield _fact(series, "noSeasons", "two whole years of figures are needed to compare with the year before")
    if series.is_unweighted:
        yield _fact(series, "unweighted", "no weight is declared, so a mean of averages gives each the same")
    if series.step is not span.grouping or metric.grain_inferred:
        code = "grainInferred" if metric.grain_inferred else "grain"
        yield _fact(series, code, "the length of the period of one recorded figure", names={
            "grain": ((metric.grain or series.step).value,)
        })  # fmt: skip
    if metric.aggregation is None and metric.additive is False and len(series.points) > 1 and not series.unit.in_points:
        yield _fact(series, "noAggregation", "the rows name no aggregation")
    if series.uneven:
        dates = {f"period{at}": period for at, period in enumerate(series.uneven)}
        yield _fact(series, "uneven", "periods whose sum lacks parts that others have", dates=dates)


def newest_day(everything: Sequence[Series], span: Span) -> date:
    """The last day with data of any KPI; without such days, the first day of the newest period."""
    days = [one.points[-1].covers.last_day for one in everything if one.points[-1].covers]
    known = [day for day in days if day]
    return max(known) if known else max(min(one.points[-1].period, span.end) for one in everything)
