"""How a series is recorded: how often, from which day to which, and with which gaps. Inferred from its dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from supabase_agent.catalog import Scope
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import GRAINS, UNITS, Span, coarser, period_of, periods_in
from supabase_agent.series import Series
from supabase_agent.statements import dates
from supabase_agent.statements.lists import Listed
from supabase_agent.statements.rhythm import CLOSED_DAYS

MAX_SPARSE_DENSITY = 0.5  # days with data, as a share of all days
MIN_SPARSE_DAYS = 3
ALL_WEEKDAYS = frozenset(range(1, 8))
MIN_WEEKDAY = 0.1  # of the numbers of the weekday with most; a weekday with fewer has numbers by exception
MIN_DAYS_FOR_WEEKDAYS = 20

# The shortest distance of two dates of one department, in days, from which a series has the grain; the longest first.
_SHORTEST_GAPS = {"year": 359, "quarter": 84, "month": 27, "week": 6}
_MAX_DAYS_APART = 7  # of the days of the month on which numbers of a month or longer are dated


@dataclass(frozen=True)
class Recording:
    """``first`` and ``last`` are None for a series without data. ``usual_gap`` is in days: 1 with data on each day."""

    grain: str
    is_inferred: bool
    first: date | None = None
    last: date | None = None
    usual_gap: int = 1
    is_sparse: bool = False
    departments: int = 0
    density: float = 1.0  # of daily numbers: the days with data, as a share of those on the weekdays that have any
    weekdays: frozenset[int] = ALL_WEEKDAYS  # with data, of daily numbers: 1 is Monday
    known_to: date | None = None  # of a sparse count: the last day of other daily data; after it, no event is no zero

    def is_once_a(self, length: str) -> bool:
        """Whether a number stands for a whole period of that length, or for more."""
        return UNITS.index(self.grain) >= UNITS.index(length)

    def available(self, days: Span, first: date | None = None, last: date | None = None) -> Span | None:
        """The part of the days that has data; None if it is empty.

        ``first`` and ``last`` are the days with data in there, if they are known. Missing days at an end do not count
        if they are no more than the usual gap, or a few in the middle of the series.
        """
        if self.first is None or self.last is None or days.last < self.first or days.first > self._reach:
            return None
        if self.known_to and self.known_to < days.last:
            return self.available(Span(days.first, self.known_to)) if days.first <= self.known_to else None
        if self.grain != "day":
            return days.clipped(Span(period_of(self.first, self.grain).first, self._reach))
        start, end = first or max(days.first, self.first), last or min(days.last, self.last)
        usual = self.usual_gap - 1
        if (start - days.first).days <= (max(usual, CLOSED_DAYS) if self.first < days.first else usual):
            start = days.first
        if (days.last - end).days <= (max(usual, CLOSED_DAYS) if self.last > days.last else usual):
            end = days.last
        return Span(start, end) if start <= end else None

    def has_holes(self, days: Span, with_data: int) -> bool:
        """Whether numbers are missing in days that have data at both ends: of days more than closed ones, of longer
        periods any. ``with_data`` is the number of days with data.
        """
        if self.is_sparse:
            return False
        if self.grain == "week":
            return 7 * with_data < self.days_in(days)
        if self.grain == "day":
            return self.density * self.days_in(days) - with_data > CLOSED_DAYS
        return with_data < len(list(periods_in(days, self.grain)))

    def whole(self, days: Span) -> Span | None:
        """The periods of the grain that lie inside the days; None if there are none."""
        first, last = period_of(days.first, self.grain), period_of(days.last, self.grain)
        start = first.first if first.first == days.first else first.last + timedelta(days=1)
        end = last.last if last.last == days.last else last.first - timedelta(days=1)
        return Span(start, end) if start <= end else None

    def days_in(self, days: Span) -> int:
        """The number of days that the numbers of a span stand for: seven for each weekly number; of daily numbers those
        on the weekdays that have data; else all days.
        """
        if self.grain == "week" and self.first is not None:
            ahead = (self.first.weekday() - days.first.weekday()) % 7
            return 7 * ((days.days - ahead + 6) // 7)
        weeks, rest = divmod(days.days, 7)
        others = sum((days.first + timedelta(days=at)).isoweekday() in self.weekdays for at in range(rest))
        return weeks * len(self.weekdays) + others or days.days

    @property
    def _reach(self) -> date:
        """The last day of the last period that has a number."""
        assert self.last is not None
        return period_of(self.last, self.grain).last


def find_recordings(
    client: McpClient, series: Sequence[Series], looked_at: Span, asked: Span, scope: Scope, grouping: str
) -> dict[Series, Recording]:
    """How each series is recorded, by its dates among the days ``looked_at``."""
    listed = Listed.of(series)
    found = {row["position"]: row for row in client.execute_sql(dates.compose(listed, looked_at, asked, scope))}
    recorded = {
        one.metric_ids: _recording(one, found.get(position), grouping) for position, one in listed.recorded.items()
    }
    return _known({one: _of_parts([recorded[part.metric_ids] for part in one.parts()]) for one in series})


def _known(found: dict[Series, Recording]) -> dict[Series, Recording]:
    """The recordings; those of sparse counts with the last day up to which the others show that data are there."""
    steady = [one.last for one in found.values() if one.grain == "day" and not one.is_sparse and one.last]
    return {
        series: replace(one, known_to=max(*steady, one.last)) if one.is_sparse and one.last and steady else one
        for series, one in found.items()
    }


def length_for(recording: Recording, grouping: str) -> str:
    """The length of a series' periods: as asked, or its own grain if that is coarser."""
    return coarser(grouping, recording.grain)


def _recording(series: Series, row: Mapping[str, Any] | None, grouping: str) -> Recording:
    asked_grain = grouping if grouping in GRAINS else "day"
    if row is None:
        return Recording(series.grain or asked_grain, series.grain is None)
    grain = series.grain or (_inferred(row) if row["dates"] > 1 else asked_grain)
    return Recording(
        grain=grain,
        is_inferred=series.grain is None,
        first=date.fromisoformat(row["first_day"]),
        last=date.fromisoformat(row["last_day"]),
        usual_gap=row["usual_gap"] or 1,
        is_sparse=series.is_additive and grain == "day" and _is_sparse(row),
        departments=row["departments"],
        weekdays=(weekdays := _weekdays(row) if grain == "day" else ALL_WEEKDAYS),
        density=_density(row, weekdays),
    )


def _density(row: Mapping[str, Any], weekdays: frozenset[int]) -> float:
    """1 if gaps are an exception."""
    if (row["usual_gap"] or 1) == 1:
        return 1.0
    days = Span(date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]))
    all_days = Recording("day", is_inferred=True, weekdays=weekdays).days_in(days)
    return min(1.0, int(row["days"]) / all_days)


def _weekdays(row: Mapping[str, Any]) -> frozenset[int]:
    counts = {one: row[f"day{one}"] for one in ALL_WEEKDAYS}
    if sum(counts.values()) < MIN_DAYS_FOR_WEEKDAYS or _is_sparse(row):
        return ALL_WEEKDAYS
    return frozenset(one for one, count in counts.items() if count >= MIN_WEEKDAY * max(counts.values()))


def _inferred(row: Mapping[str, Any]) -> str:
    """The grain of the dates. A department dates numbers of longer periods alike: the 1st, the last day, a Monday."""
    shortest = row["shortest_gap"]
    if shortest is None:
        return "day"
    spread, weekdays = row["month_spread"], row["weekday_spread"]
    for grain, gap in _SHORTEST_GAPS.items():
        is_alike = weekdays <= 1 if grain == "week" else spread <= _MAX_DAYS_APART
        if shortest >= gap and is_alike:
            return grain
    return "day"


def _is_sparse(row: Mapping[str, Any]) -> bool:
    """Whether the numbers are of single events, with most days between them empty."""
    all_days = (date.fromisoformat(row["last_day"]) - date.fromisoformat(row["first_day"])) / timedelta(days=1) + 1
    is_thin = row["days"] < MAX_SPARSE_DENSITY * all_days
    return is_thin and row["days"] >= MIN_SPARSE_DAYS and (row["median_gap"] or 1) > 1


def _of_parts(parts: Sequence[Recording]) -> Recording:
    """The recording of a series with these parts. A ratio has data where all parts have it."""
    if len(parts) == 1:
        return parts[0]
    grain = parts[0].grain
    for part in parts:
        grain = coarser(grain, part.grain)
    common = replace(parts[0], grain=grain, is_inferred=any(part.is_inferred for part in parts), is_sparse=False)
    if any(part.first is None for part in parts):
        return replace(common, first=None, last=None, departments=0)
    return replace(
        common,
        first=max(_days(part.first for part in parts)),
        last=min(_days(part.last for part in parts)),
        usual_gap=max(part.usual_gap for part in parts),
        departments=min(part.departments for part in parts),
        weekdays=frozenset.union(*(part.weekdays for part in parts)),
        density=min(part.density for part in parts),
    )


def _days(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]
