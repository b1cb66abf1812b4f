"""The judgement of a series: the one comparison by which the page says that a KPI rose or fell.

* A running total (revenue year to date) is compared with the year before alone.
* With two whole years of figures, a series is compared with the year before, because of seasons.
* Days are compared with the week before: sums of seven days, or the same weekday.
* A range shorter than a year, with three whole figures of the same departments, from its first to its last.
* Any other series with the period before; a partial period only if there is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from summarizer.beside import To
from summarizer.comparing import (
    WEEK,
    Comparison,
    are_alike,
    between_points,
    comparisons,
    given,
    same_departments,
    with_basis,
)
from summarizer.periods import Grouping, Span
from summarizer.request import Request
from summarizer.series import Point, Series

MIN_FOR_RANGE = 3
MIN_RISES = 3  # within years; with fewer, figures alone do not prove a running total


@dataclass(frozen=True)
class Judgement:
    """``main`` is None if nothing can be compared. ``seasons_known`` is None where seasons play no role."""

    series: Series
    comparisons: tuple[Comparison, ...]
    partial: frozenset[date]
    main: Comparison | None
    seasons_known: bool | None
    is_running_total: bool

    def latest(self, to: To) -> Comparison | None:
        """The newest comparison with ``to`` of a whole period, or of a part if there is no whole one."""
        found = [one for one in self.comparisons if one.to is to]
        return max(found, key=lambda one: (one.whole, one.period), default=None)

    def same_as(self, other: Comparison) -> Comparison | None:
        """The comparison of the same periods as ``other``, which is of another KPI."""
        wanted = (other.to, other.period, other.to_period)
        return next((one for one in self.comparisons if (one.to, one.period, one.to_period) == wanted), None)

    @property
    def incomplete(self) -> frozenset[date]:
        """The periods whose sum lacks what others have, also because a department reported a part of them only."""
        if not self.series.additive:
            return self.series.incomplete
        late = {one.period for one in self.comparisons if one.is_of_period and one.late}
        late |= {one.to_period for one in self.comparisons if one.is_of_period and one.late_before}
        return self.series.incomplete | late

    @property
    def of_part(self) -> Comparison | None:
        """The comparison of the newest period if it is partial: with the period before, else with the year before."""
        last = self.series.points[-1].period
        found = [one for one in self.comparisons if one.is_of_period and one.period == last and not one.whole]
        return min(found, key=lambda one: list(To).index(one.to), default=None)

    @property
    def direction_of_good(self) -> int | None:
        """1 if more is better, -1 if less; None without a direction, and for costs that are booked with a minus."""
        direction = self.series.metric.direction
        booked_with_minus = all(point.value <= 0 for point in self.series.points)
        return None if direction == -1 and booked_with_minus else direction


def judge(series: Series, request: Request, span: Span) -> Judgement:
    """The comparisons of ``series``, and the main one."""
    partial = partial_periods(series, request, span)
    found = comparisons(series, request, span, partial)
    running = is_running_total(series)
    seasons = None if series.step.in_a_year < 2 else has_two_years(series, partial)
    if running:
        found = tuple(one for one in found if one.to is To.YEAR_BEFORE)
    elif len(series.points) == 1 and series.step is not Grouping.TOTAL:
        found = tuple(one for one in found if one.is_of_period)  # the range is the period
    else:
        found = (*found, *_of_range(series, found, span, partial), *_of_week(series, span, partial))
    main = _main(series, found, seasons=bool(seasons), running=running)
    return Judgement(series, found, partial, main, seasons, running)


def _main(series: Series, found: Sequence[Comparison], *, seasons: bool, running: bool) -> Comparison | None:
    if running:
        order: tuple[To, ...] = (To.YEAR_BEFORE,)
    elif series.step is Grouping.DAY:
        order = (To.WEEK_BEFORE, To.PREVIOUS)
    elif series.step is Grouping.TOTAL:
        order = (To.YEAR_BEFORE, To.PREVIOUS)
    elif seasons:
        order = (To.YEAR_BEFORE, To.RANGE, To.PREVIOUS)
    else:
        order = (To.RANGE, To.PREVIOUS, To.YEAR_BEFORE)
    for whole in (True, False):
        newest = [one for to in order if (one := _newest(found, to, whole=whole))]
        if newest:
            last = max(one.period for one in newest)
            return next(one for one in newest if one.period == last)
    return None


def _newest(found: Sequence[Comparison], to: To, *, whole: bool) -> Comparison | None:
    return max((one for one in found if one.to is to and one.whole is whole), key=lambda one: one.period, default=None)


def partial_periods(series: Series, request: Request, span: Span) -> frozenset[date]:
    """The periods that the figures cover only in part, as the data say it; else those that the range cuts, or the first
    or last day of the data.
    """
    said = {point.period: point.covers.whole for point in series.everything if point.covers}
    cut = {period for period, whole in said.items() if whole is False}
    if series.step is span.grouping and series.step is not Grouping.TOTAL:
        cut |= {period for period in _cut(series, request, span) if said.get(period) is None}
    return frozenset(cut)


def _cut(series: Series, request: Request, span: Span) -> set[date]:
    first, last = series.everything[0], series.points[-1]
    cut = {period for period in span.partial if period in series.by_period}
    if series.metric.grain is Grouping.DAY and not series.is_level and not series.metric.sparse:
        if first.covers and first.covers.first_day and first.covers.first_day > first.period:
            cut.add(first.period)
        if last.covers and last.covers.last_day and last.covers.last_day < series.step.end_of(last.period):
            cut.add(last.period)
    stated = {one.period for one in given(series, request) if one.to is To.PREVIOUS and one.whole and one.period}
    return cut - (stated - span.partial)


def has_two_years(series: Series, partial: frozenset[date]) -> bool:
    """Whether there are figures of the two years up to the last whole period."""
    whole = [point.period for point in series.points if point.period not in partial]
    if not whole:
        return False
    period = max(whole)
    for _ in range(2 * series.step.in_a_year):
        if period not in series.by_period:
            return False
        period = series.step.before(period)
    return True


def _of_range(
    series: Series, found: Sequence[Comparison], span: Span, partial: frozenset[date]
) -> tuple[Comparison, ...]:
    """The last whole figure with the first, in a range shorter than a year; none if departments came or went."""
    whole = [p for p in series.points if p.period not in partial or series.is_level]
    if series.step in (Grouping.DAY, Grouping.TOTAL) or len(whole) < MIN_FOR_RANGE:
        return ()
    first, last = whole[0], whole[-1]
    if series.step is not Grouping.YEAR and series.step.year_before(last.period) >= first.period:
        return ()
    inside = [one for one in found if one.to is To.PREVIOUS and first.period < one.period <= last.period]
    if any(one.not_counted for one in inside) or not _are_all_alike(series, whole, partial):
        return ()
    if steps_without_departments(series, found):
        return ()
    return (with_basis(between_points(series, To.RANGE, last, first, span), series),)


def steps_without_departments(series: Series, found: Sequence[Comparison]) -> list[tuple[Point, Point]]:
    """Neighbours that the data do not compare, though both have figures: no department reported in both.

    The data compare the newest periods only.
    """
    compared = {one.period for one in found if one.to is To.PREVIOUS and one.given}
    if not compared:
        return []
    steps = pairwise(series.everything)
    adjacent = [(before, after) for before, after in steps if series.step.after(before.period) == after.period]
    return [(before, after) for before, after in adjacent if min(compared) < after.period not in compared]


def _are_all_alike(series: Series, points: Sequence[Point], partial: frozenset[date]) -> bool:
    return all(are_alike(series, after, before, partial) for before, after in pairwise(points))


def _of_week(series: Series, span: Span, partial: frozenset[date]) -> tuple[Comparison, ...]:
    """Of days: the last seven with the seven before, if they add up; else the last day with the same weekday."""
    if series.step is not Grouping.DAY:
        return ()
    last = series.points[-1]
    days = [series.by_period.get(last.period - timedelta(days=back)) for back in range(2 * WEEK)]
    held = [point for point in days if point]
    if series.additive and len(held) == len(days) and all(same_departments(a, b) for a, b in pairwise(held)):
        sums = [sum((p.value for p in held[at : at + WEEK]), Decimal(0)) for at in (0, WEEK)]
        parts = [(held[at + WEEK - 1].period, held[at].period) for at in (0, WEEK)]
        (value, before), (now, then) = sums, parts
        return (Comparison(To.WEEK_BEFORE, last.period, then[1], value, before, now, then, WEEK, WEEK, by_days=True),)
    same_weekday = days[WEEK]
    if same_weekday is None or not are_alike(series, last, same_weekday, partial):
        return ()
    return (between_points(series, To.WEEK_BEFORE, last, same_weekday, span),)


def is_running_total(series: Series) -> bool:
    """Whether a level starts again at every turn of a year: as the data say it, else by its figures.

    They fall to less than half at every turn, and never within a year.
    """
    if not series.is_level or series.metric.running_total is not None:
        return bool(series.is_level and series.metric.running_total)
    steps = list(pairwise(series.everything))
    turns = [step for step in steps if _is_turn_of_year(step, series.step)]
    within = [step for step in steps if not _is_turn_of_year(step, series.step)]
    return (
        bool(turns)
        and all(before.value > 0 and after.value * 2 < before.value for before, after in turns)
        and all(before.value <= after.value for before, after in within)
        and sum(before.value < after.value for before, after in within) >= MIN_RISES
    )


def _is_turn_of_year(step: tuple[Point, Point], grouping: Grouping) -> bool:
    """Whether the step ends in a later year. The last day counts: a week of December may end in January."""
    before, after = (grouping.end_of(point.period).year for point in step)
    return before < after
