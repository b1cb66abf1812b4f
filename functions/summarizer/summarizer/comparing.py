"""Comparisons of like with like.

The data give them (docs/kpi-tracking.md): the same departments, the same part of a period. Without them only those are
made here that the rows prove: both periods are whole, and as many departments reported in both.

An additive figure that is recorded by day or week is compared per day if the periods have different lengths. One that
is recorded by month or longer (a salary) has no days; of the change of a month only as much is told as both bases show,
and longer periods are compared as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from summarizer.beside import Given, To
from summarizer.numbers import percent, quotient, rounded, sign
from summarizer.periods import Grouping, Span
from summarizer.request import Request
from summarizer.series import Point, Series, in_grain

DAYS_OF_A_MONTH = 31
WEEK = 7
OF_RANGE = {To.PREVIOUS: To.WHOLE_PREVIOUS, To.YEAR_BEFORE: To.WHOLE_YEAR_BEFORE}


@dataclass(frozen=True)
class Comparison:
    """One figure with an earlier one. ``value`` and ``before`` are as recorded; ``after`` and ``base`` are what is
    compared, per day if ``per_day``. ``part`` and ``part_before`` are the compared days of periods that are not whole.
    """

    to: To
    period: date
    to_period: date
    value: Decimal
    before: Decimal
    part: tuple[date, date] | None = None
    part_before: tuple[date, date] | None = None
    days: int | None = None
    days_before: int | None = None
    departments: int | None = None
    names: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    late_before: tuple[str, ...] = ()
    whole: bool = True
    by_days: bool = False
    per_day: bool = False
    given: bool = False

    @property
    def is_of_period(self) -> bool:
        """Whether it compares one period, and not the range or a week of days."""
        return self.to in (To.PREVIOUS, To.YEAR_BEFORE)

    @property
    def not_counted(self) -> dict[str, tuple[str, ...]]:
        """The departments that do not count, by the reason."""
        reasons = {"joined": self.joined, "left": self.left, "late": (*self.late, *self.late_before)}
        return {reason: names for reason, names in reasons.items() if names}

    @property
    def has_parts(self) -> bool:
        """Whether days tell what is compared, and not the names of periods."""
        return bool(self.part and self.part_before) and (not self.whole or self.by_days)

    @property
    def after(self) -> Decimal:
        return quotient(self.value, self.days) if self.per_day and self.days else self.value

    @property
    def base(self) -> Decimal:
        return quotient(self.before, self.days_before) if self.per_day and self.days_before else self.before

    @property
    def difference(self) -> Decimal:
        """Exact: of figures per day it is one quotient, not the difference of two."""
        if self.per_day and self.days and self.days_before:
            return quotient(self.value * self.days_before - self.before * self.days, self.days * self.days_before)
        return self.value - self.before

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 the same."""
        return sign(self.difference)

    @property
    def percent(self) -> Decimal | None:
        """None where a percentage would mislead: from zero, from below zero, or to below zero."""
        if self.before <= 0 or self.value < 0:
            return None
        if self.per_day and self.days and self.days_before:
            return percent(self.value * self.days_before - self.before * self.days, self.before * self.days)
        return percent(self.difference, self.before)

    @property
    def factor(self) -> Decimal | None:
        """How many times as much; None if the base is not positive."""
        if self.before <= 0:
            return None
        if self.per_day and self.days and self.days_before:
            return quotient(self.value * self.days_before, self.before * self.days)
        return quotient(self.value, self.before)


def comparisons(series: Series, request: Request, span: Span, partial: frozenset[date]) -> tuple[Comparison, ...]:
    """All comparisons of ``series`` with the period before and the year before, in the order of time."""
    own = given(series, request)
    is_told = request.beside.compared and (own or not (request.breakdown and not series.part))
    found = (_read(one, series, request.grouping) for one in own) if is_told else _proven(series, span, partial)
    return tuple(with_basis(one, series) for one in sorted(found, key=lambda one: (one.period, one.to)))


def given(series: Series, request: Request) -> list[Given]:
    """The comparisons of the data that are about this series."""
    return [one for one in request.beside.comparisons.of(series.kpi, series.name) if one.part == series.part]


def _read(one: Given, series: Series, grouping: Grouping) -> Comparison:
    to, period = one.to, one.period
    if period is None:
        period = series.points[0].period
        to = to if series.step is Grouping.TOTAL else OF_RANGE[to]
    return Comparison(
        to=to,
        period=in_grain(period, grouping, series.step),
        to_period=in_grain(one.to_period, grouping, series.step),
        value=one.value,
        before=one.before,
        part=_level_of(one.days_from_to, series) if series.is_level else one.days_from_to,
        part_before=_level_of(one.days_from_to_before, series) if series.is_level else one.days_from_to_before,
        days=one.days,
        days_before=one.days_before,
        departments=one.departments,
        names=one.names,
        joined=one.joined,
        left=one.left,
        late=one.late,
        late_before=one.late_before,
        whole=one.whole,
        by_days=one.period is None,
        given=True,
    )


def _level_of(days: tuple[date, date] | None, series: Series) -> tuple[date, date] | None:
    """Of days the last one, which has the level; the whole period that its number stands for, if that is longer."""
    grain = series.metric.grain or Grouping.DAY
    return days and (grain.start_of(days[1]), grain.end_of(grain.start_of(days[1])))


def _proven(series: Series, span: Span, partial: frozenset[date]) -> Iterator[Comparison]:
    """The comparisons of whole periods with as many departments in both."""
    for point in series.points:
        for to, before in ((To.PREVIOUS, series.step.before), (To.YEAR_BEFORE, series.step.year_before)):
            if series.step is Grouping.TOTAL or (series.step is Grouping.YEAR and to is To.YEAR_BEFORE):
                continue
            other = series.by_period.get(before(point.period))
            if other and are_alike(series, point, other, partial):
                yield between_points(series, to, point, other, span)


def are_alike(series: Series, point: Point, other: Point, partial: frozenset[date]) -> bool:
    """Whether two figures cover the same: whole periods (a level has no length), the same number of departments."""
    whole = series.is_level or not {point.period, other.period} & partial
    return whole and same_departments(point, other) and not {point.period, other.period} & series.incomplete


def same_departments(point: Point, other: Point) -> bool:
    """Whether as many departments reported in both, as far as the rows say it."""
    counts = {one.covers.departments for one in (point, other) if one.covers and one.covers.departments is not None}
    return len(counts) < 2


def between_points(series: Series, to: To, point: Point, other: Point, span: Span) -> Comparison:
    """The comparison of two figures of whole periods."""
    days = [_days_of(series, span, one) for one in (point, other)]
    departments = point.covers.departments if point.covers else None
    return Comparison(
        to, point.period, other.period, point.value, other.value, days=days[0], days_before=days[1],
        departments=departments,
    )  # fmt: skip


def _days_of(series: Series, span: Span, point: Point) -> int:
    if series.step is Grouping.TOTAL:
        return _weekdays_in(series, point.period, span.end)
    return days_recorded(series, point)


def days_recorded(series: Series, point: Point) -> int:
    """The days that a figure stands for: seven for each weekly number; of daily numbers those on the weekdays that have
    data; else all days of its period.
    """
    is_weekly = series.metric.grain is Grouping.WEEK and series.step.length > Grouping.WEEK.length
    if is_weekly and point.covers and point.covers.days:
        return WEEK * point.covers.days
    return _weekdays_in(series, point.period, series.step.end_of(point.period))


def _weekdays_in(series: Series, first: date, last: date) -> int:
    days = (last - first).days + 1
    weekdays = series.metric.weekdays
    if not weekdays or series.metric.grain is not Grouping.DAY:
        return days
    weeks, rest = divmod(days, WEEK)
    others = sum((first + timedelta(days=at)).isoweekday() in weekdays for at in range(rest))
    return weeks * len(weekdays) + others or days


def with_basis(comparison: Comparison, series: Series) -> Comparison:
    """The comparison on its basis: per day, or as recorded. A count of single events has no figure per day."""
    one = comparison
    if not series.additive or not one.days or not one.days_before or one.days == one.days_before:
        return one
    if series.metric.sparse:
        return one
    per_day = replace(one, per_day=True)
    if series.metric.grain in (Grouping.DAY, Grouping.WEEK):
        return per_day
    if min(one.days, one.days_before) > DAYS_OF_A_MONTH:
        return one
    return per_day if one.percent is not None and _shows_less(per_day, one) else one


def _shows_less(per_day: Comparison, recorded: Comparison) -> bool:
    """Whether the change per day is smaller than the change as recorded, also as the page rounds it."""
    shares = [rounded(abs(one.percent), 1) for one in (per_day, recorded) if one.percent is not None]
    is_seen = len(shares) < 2 or shares[0] < shares[1]
    return is_seen and abs(per_day.difference * (per_day.days or 1)) < abs(recorded.difference)
