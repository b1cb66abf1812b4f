"""Periods: days, weeks (from Monday) and months. Their starts, ends and names, and the periods of a range."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property


class Grouping(StrEnum):
    """How long one period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start_of(self, day: date) -> date:
        """The first day of the period that holds ``day``."""
        if self is Grouping.MONTH:
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self is Grouping.WEEK else day

    def end_of(self, period: date) -> date:
        """The last day of the period that starts on ``period``."""
        if self is Grouping.MONTH:
            return period.replace(day=calendar.monthrange(period.year, period.month)[1])
        return period + timedelta(days=6) if self is Grouping.WEEK else period

    def after(self, period: date) -> date:
        """The start of the next period."""
        return self.end_of(period) + timedelta(days=1)

    def year_before(self, period: date) -> date:
        """The start of the same period a year before; for a week, 52 weeks before."""
        if self is Grouping.WEEK:
            return period - timedelta(weeks=52)
        last = calendar.monthrange(period.year - 1, period.month)[1]
        return period.replace(year=period.year - 1, day=min(period.day, last))

    def label(self, period: date) -> str:
        """The name of a period: ``2024-07-01``, ``week of 2024-07-01`` or ``Jul 2024``."""
        if self is Grouping.MONTH:
            return f"{calendar.month_abbr[period.month]} {period.year}"
        return f"week of {period.isoformat()}" if self is Grouping.WEEK else period.isoformat()

    def named(self, period: date) -> str:
        """The label for the inside of a sentence: ``the week of 2024-07-01``."""
        return f"the {self.label(period)}" if self is Grouping.WEEK else self.label(period)

    def when(self, period: date) -> str:
        """``on 2024-07-01``, ``in the week of 2024-07-01``, ``in Jul 2024``."""
        return f"{self.preposition} {self.named(period)}"

    @property
    def preposition(self) -> str:
        return "on" if self is Grouping.DAY else "in"

    def counted(self, number: int) -> str:
        """``1 month``, ``3 months``."""
        return f"{number:,} {self.value}" if number == 1 else f"{number:,} {self.value}s"

    @property
    def starts_on(self) -> str:
        return {"day": "a date", "week": "a Monday", "month": "the first day of a month"}[self.value]


@dataclass(frozen=True)
class Span:
    """The range of a summary, from ``start`` to ``end``, both included, and its periods."""

    grouping: Grouping
    start: date
    end: date

    @cached_property
    def periods(self) -> tuple[date, ...]:
        """The starts of all periods that the span touches, in order, also of those without figures."""
        starts, period = [], self.grouping.start_of(self.start)
        while period <= self.end:
            starts.append(period)
            period = self.grouping.after(period)
        return tuple(starts)

    @cached_property
    def positions(self) -> dict[date, int]:
        return {period: position for position, period in enumerate(self.periods)}

    @cached_property
    def partial(self) -> frozenset[date]:
        """The periods that are only partly in the span. Their totals cannot be compared with those of whole periods."""
        edges = {self.periods[0], self.periods[-1]}
        return frozenset(p for p in edges if p < self.start or self.grouping.end_of(p) > self.end)

    def days_of(self, period: date) -> tuple[date, date]:
        """The first and last day of ``period`` that the span covers."""
        return max(period, self.start), min(self.grouping.end_of(period), self.end)

    def including(self, periods: Iterable[date]) -> Span:
        """This span, extended so that it includes ``periods``."""
        outside = [p for p in periods if p not in self.positions]
        if not outside:
            return self
        return Span(self.grouping, min(self.start, *outside), max(self.end, self.grouping.end_of(max(outside))))
