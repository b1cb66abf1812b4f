"""Advice: the things to look at next, from the readings. Each sentence names its reason."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from summarizer import names
from summarizer.costs import costs_outgrow_income, is_outgrown
from summarizer.headline import most_moved
from summarizer.markup import plain
from summarizer.measures import Change
from summarizer.notes import missing_periods, series_names, unexplained
from summarizer.periods import Grouping, Span
from summarizer.prose import change_phrase, is_slight, listed, on_phrase, runs, sentence, shortened
from summarizer.readings import MIN_FOR_TREND_FIRST, OutlierReading, Reading
from summarizer.series import Aggregation, Point

MAX_SENTENCES = 4
MIN_DIP = Decimal("0.05")  # of the largest figure; a smaller dip is advice only if there is no other advice
MIN_DIP_BESIDE_TREND = Decimal("0.25")
MAX_OF_A_KIND = 2


def advice(readings: Sequence[Reading], absent: Sequence[str], span: Span) -> tuple[str, ...]:
    """At most four sentences, the most urgent first. ``absent`` are the KPIs of the request that have no figures."""
    red = _in_the_red(readings)
    calm = [reading for reading in readings if reading not in red and not is_outgrown(reading, readings)]
    worse = _worsened(calm)
    sentences = [
        *_absent(absent),
        *_below_zero(red),
        *costs_outgrow_income(readings),
        *_worse(worse),
        *_dip([reading for reading in calm if reading not in worse]),
        *_outliers([reading for reading in readings if reading not in red]),
        *_gaps(readings, span),
        *_unfinished(readings, span),
    ]
    return tuple(sentences[:MAX_SENTENCES] or [_nothing(readings)])


def _absent(absent: Sequence[str]) -> Iterator[str]:
    if absent:
        which = shortened([plain(names.spoken(name)) for name in absent], 5)
        yield f"Check whether figures for {which} are recorded under that name and for these dates: the data has none."


def _in_the_red(readings: Sequence[Reading]) -> list[Reading]:
    """The KPIs that were below zero most often, except amounts that are booked as negative, like returns."""
    red = [
        reading
        for reading in readings
        if min(reading.series.values) < 0
        and not (names.lower_is_better(reading.series.kpi) and max(reading.series.values) <= 0)
    ]
    return sorted(red, key=_share_below_zero, reverse=True)[:MAX_OF_A_KIND]


def _below_zero(red: Sequence[Reading]) -> Iterator[str]:
    for reading in red:
        below = [point for point in reading.series.points if point.value < 0]
        lowest = min(below, key=lambda point: point.value)
        grouping, figure = reading.span.grouping, reading.series.style.brief(lowest.value)
        name = plain(reading.series.spoken)
        if len(reading.series.points) == 1:
            yield f"Find out why {name} lay below zero."
        elif len(below) == 1:
            yield f"Find out why {name} fell below zero {grouping.when(lowest.period)} ({figure})."
        else:
            yield (
                f"Find out why {name} lay below zero {_how_many(below, reading)}, "
                f"lowest {grouping.when(lowest.period)} ({figure})."
            )


def _how_many(below: Sequence[Point], reading: Reading) -> str:
    """``in both months``, ``in all 3 months``, ``on 2 of 3 days``."""
    number, grouping = len(reading.series.points), reading.span.grouping
    if len(below) < number:
        return f"{grouping.preposition} {len(below):,} of {grouping.counted(number)}"
    every = f"both {grouping.value}s" if number == 2 else f"all {grouping.counted(number)}"
    return f"{grouping.preposition} {every}"


def _share_below_zero(reading: Reading) -> Decimal:
    return Decimal(sum(value < 0 for value in reading.series.values)) / len(reading.series.values)


def _worsened(readings: Sequence[Reading]) -> list[Reading]:
    worse = sorted((r for r in readings if r.verdict < 0), key=lambda reading: reading.weight, reverse=True)
    return worse[:MAX_OF_A_KIND]


def _worse(worse: Sequence[Reading]) -> Iterator[str]:
    for reading in worse:
        name, grouping = plain(reading.series.spoken), reading.span.grouping
        moved = "rose" if reading.movement > 0 else "fell"
        if reading.tells_trend:
            yield f"Look into the {'upward' if reading.movement > 0 else 'downward'} trend of {name}."
        elif reading.running:
            span = f"from {grouping.named(reading.first.period)} to {grouping.named(reading.last.period)}"
            yield f"Find out why {name} {moved} {span}."
        elif len(reading.compared) > 2:
            before, after = _largest_step(reading)
            change = on_phrase(Change(before.value, after.value), reading.series.style, grouping.named(before.period))
            yield f"Find out why {name} {moved}; the largest step came {grouping.when(after.period)}, {change}."
        else:
            yield f"Find out why {name} {moved} {grouping.when(reading.last.period)}."


def _largest_step(reading: Reading) -> tuple[Point, Point]:
    return max(pairwise(reading.compared), key=lambda step: (step[1].value - step[0].value) * reading.movement)


def _dip(readings: Sequence[Reading], least: Decimal = MIN_DIP) -> Iterator[str]:
    """The deepest dip of these KPIs, if it is at least the share ``least`` of the KPI's largest figure."""
    dips = [(reading, step) for reading in readings if (step := _deepest_dip(reading))]
    dips = [dip for dip in dips if _share(dip[1], dip[0]) >= least]
    if not dips:
        return
    reading, (before, after) = max(dips, key=lambda dip: _share(dip[1], dip[0]))
    style, when = reading.series.style, reading.span.grouping.when(after.period)
    change = change_phrase(Change(before.value, after.value), style)
    to = f" to {style.brief(after.value)}" if before.value > 0 and after.value > 0 else ""
    because = f", as {listed(parts)}" if (parts := _what_the_parts_did(reading, before, after)) else ""
    yield f"Find out what happened {when}: {plain(reading.series.spoken)} {change}{to}{because}."


def _what_the_parts_did(reading: Reading, before: Point, after: Point) -> list[str]:
    """The change of each part of a ratio in the same step, if the parts are known."""
    changes = []
    for part in (reading.overall.a, reading.overall.b) if reading.overall else ():
        values = {point.period: point.value for point in part.points}
        change = Change(values[before.period], values[after.period])
        changes.append(f"{plain(part.spoken)} {change_phrase(change, part.style)}")
    return changes


def _outliers(readings: Sequence[Reading]) -> Iterator[str]:
    """The periods with the farthest outliers, each with every KPI that has one there."""
    by_period: dict[date, list[tuple[OutlierReading, Reading]]] = {}
    for reading in readings:
        for outlier in reading.outliers:
            by_period.setdefault(outlier.point.period, []).append((outlier, reading))
    farthest = sorted(
        by_period, key=lambda period: max(_distance(outlier) for outlier, _ in by_period[period]), reverse=True
    )
    for period in farthest[:MAX_OF_A_KIND]:
        ranked = sorted(by_period[period], key=lambda pair: _distance(pair[0]), reverse=True)
        comparisons = "; ".join(_against(outlier, reading) for outlier, reading in ranked[:MAX_OF_A_KIND])
        yield f"Check {ranked[0][1].span.grouping.named(period)}: {comparisons}."


def _against(outlier: OutlierReading, reading: Reading) -> str:
    style = reading.series.style
    usual = style.brief(outlier.typical, derived=True)
    name, figure = plain(reading.series.spoken), style.brief(outlier.point.value)
    return f"{name} came to {figure}, against {usual} {typical(outlier, reading)}"


def typical(outlier: OutlierReading, reading: Reading) -> str:
    """The comparison of an outlier: ``on a typical Wednesday``, ``in a typical month``."""
    day = calendar.day_name[outlier.point.period.weekday()] if reading.by_weekday else reading.span.grouping.value
    return f"{reading.span.grouping.preposition} a typical {day}"


def _distance(outlier: OutlierReading) -> Decimal:
    distance = abs(outlier.point.value - outlier.typical)
    return distance / abs(outlier.typical) if outlier.typical else distance


def _gaps(readings: Sequence[Reading], span: Span) -> Iterator[str]:
    gaps = {r.series: unexplained(missing_periods(r.series, span), span)[1] for r in readings}
    with_gaps = [series for series, missing in gaps.items() if missing]
    if not with_gaps:
        return
    missing = runs(gaps[with_gaps[0]], span.grouping)
    alike = len({gaps[series] for series in with_gaps}) == 1
    which = f" ({listed(missing)})" if alike and len(missing) <= 2 else ""
    whose = series_names(with_gaps)
    yield f"Load the missing figures of {whose}{which}, or confirm that there were none, and run again."


def _unfinished(readings: Sequence[Reading], span: Span) -> Iterator[str]:
    last = span.periods[-1]
    end = span.grouping.end_of(last)
    totals = [reading.series for reading in readings if reading.series.aggregation is Aggregation.SUM]
    if end > span.end and any(series.points[-1].period == last for series in totals):
        yield f"Extend the range to {end} to compare {span.grouping.named(last)} as a whole."


def _nothing(readings: Sequence[Reading]) -> str:
    """The sentence if there is no other advice: the deepest dip of any size, else the best news, else neither."""
    for dip in _dip(readings, least=Decimal(0)):
        return dip
    if any(reading.verdict > 0 for reading in readings):
        better = most_moved(readings, 1)
        name = sentence(plain(better.series.spoken))[:-1]
        did = "shows the strongest trend" if better.is_clear else "changed most"
        return f"Nothing calls for action. {name} {did} for the better: find out what is behind it."
    return "Nothing in these figures calls for action."


def _deepest_dip(reading: Reading) -> tuple[Point, Point] | None:
    """The largest step for the worse, if the steps are few enough for a single one to matter."""
    steps = len(reading.compared) - 1
    if reading.running or steps < 2 or (steps >= MIN_FOR_TREND_FIRST and reading.span.grouping is Grouping.DAY):
        return None
    worse = 1 if reading.series.lower_is_better else -1
    step = max(pairwise(reading.compared), key=lambda step: (step[1].value - step[0].value) * worse)
    change = Change(step[0].value, step[1].value)
    if change.direction != worse or is_slight(change, reading.series.style):
        return None
    return step if not reading.tells_trend or _share(step, reading) >= MIN_DIP_BESIDE_TREND else None


def _share(step: tuple[Point, Point], reading: Reading) -> Decimal:
    size = max(abs(point.value) for point in reading.compared)
    return abs(step[1].value - step[0].value) / size if size else Decimal(0)
