"""The question: KPI names, a range of dates, a grouping, and optionally companies and departments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from supabase_agent.problems import CannotAnswer

GROUPINGS = ("day", "week", "month")
MAX_NAMES = 50
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # a date outside is a typing mistake


@dataclass(frozen=True)
class Question:
    """The range includes ``start`` and ``end``. Empty ``companies`` and ``departments`` mean all of them."""

    kpi_names: tuple[str, ...]
    start: date
    end: date
    grouping: str
    companies: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    @classmethod
    def parse(cls, context: Mapping[str, Any]) -> Question:
        """Read a task's context. ``CannotAnswer`` names a wrong field and its right form."""
        names = _names(context.get("kpiNames"), "kpiNames")
        if not names:
            raise CannotAnswer("context.kpiNames must name at least one KPI")
        start, end = _date(context, "startDate"), _date(context, "endDate")
        if start > end:
            raise CannotAnswer(f"context.startDate {start} must not be after context.endDate {end}")
        grouping = context.get("grouping") or "day"
        if grouping not in GROUPINGS:
            raise CannotAnswer(f"context.grouping must be one of {', '.join(GROUPINGS)}, not {grouping!r}")
        return cls(
            kpi_names=names,
            start=start,
            end=end,
            grouping=grouping,
            companies=_names(context.get("companies", context.get("company")), "companies"),
            departments=_names(context.get("departments", context.get("department")), "departments"),
        )

    def partial_periods(self) -> list[date]:
        """The first days of the periods that the range covers only in part: the first, the last, both or none."""
        if self.grouping == "day":
            return []
        first, last = self._period_of(self.start), self._period_of(self.end)
        partial = {first} if self.start > first else set()
        if self.end + timedelta(days=1) < self._period_after(last):
            partial.add(last)
        return sorted(partial)

    def _period_of(self, day: date) -> date:
        return day.replace(day=1) if self.grouping == "month" else day - timedelta(days=day.weekday())

    def _period_after(self, first_day: date) -> date:
        if self.grouping == "week":
            return first_day + timedelta(days=7)
        return (first_day + timedelta(days=31)).replace(day=1)


def _names(value: Any, field: str) -> tuple[str, ...]:
    """A list of names. A single string is a list of one name."""
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > MAX_NAMES:
        raise CannotAnswer(f"context.{field} must be a list of at most {MAX_NAMES} names")
    return tuple(_checked(names, field))


def _checked(names: list[Any], field: str) -> Iterator[str]:
    for name in names:
        if not isinstance(name, str) or not 0 < len(name.strip()) <= 200:
            raise CannotAnswer(f"context.{field} must contain names of 1 to 200 characters, not {name!r}")
        yield name.strip()


def _date(context: Mapping[str, Any], field: str) -> date:
    value = context.get(field)
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError(value)
        day = date.fromisoformat(value)
    except ValueError:
        raise CannotAnswer(f"context.{field} must be a date like 2024-07-01, not {value!r}") from None
    if not EARLIEST <= day <= LATEST:
        raise CannotAnswer(f"context.{field} must lie between {EARLIEST} and {LATEST}, but is {day}")
    return day
