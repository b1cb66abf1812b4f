"""Periods: days, weeks (from Monday), months, quarters, years, and a whole range. Their starts, ends and names."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import assert_never


class Grouping(StrEnum):
    """How long one period is. ``TOTAL`` is one period: the whole range."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    TOTAL = "total"

    def start_of(self, day: date) -> date:
        """The first day of the period that holds ``day``. The whole range starts where its row says."""
        match self:
            case Grouping.DAY | Grouping.TOTAL:
                return day
            case Grouping.WEEK:
                return day - timedelta(days=day.weekday())
            case Grouping.MONTH:
                return day.replace(day=1)
            case Grouping.QUARTER:
                return day.replace(month=day.month - (day.month - 1) % 3, day=1)
            case Grouping.YEAR:
                return day.replace(month=1, day=1)
            case _:
                assert_never(self)

    def end_of(self, period: date) -> date:
        """The last day of the period that starts on ``period``. Of the whole range, ``Span.end_of`` knows it."""
        match self:
            case Grouping.DAY | Grouping.TOTAL:
                return period
            case Grouping.WEEK:
                return period + timedelta(days=6)
            case Grouping.MONTH:
                return _end_of_month(period.year, period.month)
            case Grouping.QUARTER:
                return _end_of_month(period.year, period.month + 2)
            case Grouping.YEAR:
                return date(period.year, 12, 31)
            case _:
                assert_never(self)

    def after(self, period: date) -> date:
        """The start of the next period."""
        return self.end_of(period) + timedelta(days=1)

    def before(self, period: date) -> date:
        """The start of the period before."""
        return self.start_of(period - timedelta(days=1))

    def year_before(self, period: date) -> date:
        """The start of the same period a year before; for a week, 52 weeks before; for 29 February, the 28th."""
        if self is Grouping.WEEK:
            return period - timedelta(weeks=52)
        last = calendar.monthrange(period.year - 1, period.month)[1]
        return period.replace(year=period.year - 1, day=min(period.day, last))

    @property
    def length(self) -> int:
        """A rank of lengths: a longer period has a larger one."""
        return list(Grouping).index(self)

    @property
    def in_a_year(self) -> int:
        """The number of periods of a cycle, which is a year; 0 for the whole range, which has no cycle."""
        return {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1, "total": 0}[self.value]

    def label(self, period: date) -> str:
        """The name of a period: ``2024-07-01``, ``week of 2024-07-01``, ``Jul 2024``, ``Q3 2024`` or ``2024``."""
        match self:
            case Grouping.DAY:
                return period.isoformat()
            case Grouping.WEEK:
                return f"week of {period.isoformat()}"
            case Grouping.MONTH:
                return f"{calendar.month_abbr[period.month]} {period.year}"
            case Grouping.QUARTER:
                return f"Q{(period.month + 2) // 3} {period.year}"
            case Grouping.YEAR:
                return str(period.year)
            case Grouping.TOTAL:
                return "whole range"
            case _:
                assert_never(self)

    def named(self, period: date) -> str:
        """The label for the inside of a sentence: ``the week of 2024-07-01``."""
        article = "the " if self in (Grouping.WEEK, Grouping.TOTAL) else ""
        return f"{article}{self.label(period)}"

    def when(self, period: date) -> str:
        """``on 2024-07-01``, ``in the week of 2024-07-01``, ``in Jul 2024``."""
        return f"{'on' if self is Grouping.DAY else 'in'} {self.named(period)}"

    def counted(self, number: int) -> str:
        """``1 month``, ``3 months``."""
        return f"{number:,} {self.value}" if number == 1 else f"{number:,} {self.value}s"

    @property
    def starts_on(self) -> str:
        starts = {"week": "a Monday", "month": "the first day of a month", "quarter": "the first day of a quarter"}
        return {**starts, "year": "the first day of a year"}.get(self.value, "a date")


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@dataclass(frozen=True)
class Span:
    """The range of a summary, from ``start`` to ``end``, both included, and its periods."""

    grouping: Grouping
    start: date
    end: date

    @cached_property
    def periods(self) -> tuple[date, ...]:
        """The starts of all periods that the span touches, in order, also of those without figures."""
        if self.grouping is Grouping.TOTAL:
            return (self.start,)
        starts, period = [], self.grouping.start_of(self.start)
        while period <= self.end:
            starts.append(period)
            period = self.grouping.after(period)
        return tuple(starts)

    @cached_property
    def partial(self) -> frozenset[date]:
        """The periods that are only partly in the span."""
        if self.grouping is Grouping.TOTAL:
            return frozenset()
        edges = {self.periods[0], self.periods[-1]}
        return frozenset(p for p in edges if p < self.start or self.grouping.end_of(p) > self.end)

    def end_of(self, period: date) -> date:
        """The last day of a whole period."""
        return self.end if self.grouping is Grouping.TOTAL else self.grouping.end_of(period)

    def days_of(self, period: date) -> tuple[date, date]:
        """The first and last day of ``period`` that the span covers."""
        return max(period, self.start), min(self.end_of(period), self.end)

    def including(self, periods: Iterable[date]) -> Span:
        """This span, extended so that it includes ``periods``."""
        held = set(self.periods)
        outside = [p for p in periods if p not in held]
        if not outside or self.grouping is Grouping.TOTAL:
            return self
        return Span(self.grouping, min(self.start, *outside), max(self.end, self.grouping.end_of(max(outside))))


def between(first: date, last: date, grouping: Grouping) -> str:
    """``Jul 2024``, or ``Jul 2024 to Sep 2024``."""
    return grouping.named(first) if first == last else f"{grouping.named(first)} to {grouping.named(last)}"


def days(first: date, last: date) -> str:
    """Days: ``1–10 Mar 2025``, ``28 Feb – 3 Mar 2025``, ``3 Mar 2025``; whole months: ``Jul–Sep 2024``, ``2024``."""
    if first.day == 1 and last == Grouping.MONTH.end_of(last.replace(day=1)) and first < last:
        return _months(first, last)
    end = f"{last.day} {calendar.month_abbr[last.month]} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {calendar.month_abbr[first.month]}{year} – {end}"


def _months(first: date, last: date) -> str:
    if (first.month, last.month) == (1, 12):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    start, end = (f"{calendar.month_abbr[day.month]} {day.year}" for day in (first, last))
    if start == end:
        return end
    return f"{start[:3]}–{end}" if first.year == last.year else f"{start} – {end}"


def runs(periods: Sequence[date], grouping: Grouping) -> list[str]:
    """The names of periods, with consecutive ones as one range: ``Aug 2024``, ``2024-08-03 to 2024-08-05``."""
    groups: list[list[date]] = []
    for period in sorted(periods):
        if groups and grouping.after(groups[-1][-1]) == period:
            groups[-1].append(period)
        else:
            groups.append([period])
    return [between(group[0], group[-1], grouping) for group in groups]
