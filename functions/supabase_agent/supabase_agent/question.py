"""The question: KPI names, a range of dates, a grouping, and optionally companies, departments and a breakdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from supabase_agent.names import nearest
from supabase_agent.periods import UNITS, Span, period_of
from supabase_agent.problems import CannotAnswer

GROUPINGS = UNITS
BREAKDOWNS = ("company", "department")
MAX_NAMES = 50
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # a date outside is a typing mistake
FIELDS = ("kpiNames", "startDate", "endDate", "grouping", "companies", "departments", "breakdown")
SINGULARS = {"company": "companies", "department": "departments"}


@dataclass(frozen=True)
class Question:
    """The range includes ``start`` and ``end``. Empty ``companies`` and ``departments`` mean all of them.

    ``breakdown`` is "company", "department" or None: whether each of them has figures of its own.
    """

    kpi_names: tuple[str, ...]
    start: date
    end: date
    grouping: str
    companies: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    breakdown: str | None = None

    @classmethod
    def parse(cls, context: Mapping[str, Any]) -> Question:
        """Read a task's context. ``CannotAnswer`` names a wrong or unknown field and what would be right."""
        _check_fields(context)
        names = _names(context.get("kpiNames"), "kpiNames")
        if not names:
            raise CannotAnswer("context.kpiNames must name at least one KPI")
        start, end = _date(context, "startDate"), _date(context, "endDate")
        if start > end:
            raise CannotAnswer(f"context.startDate {start} must not be after context.endDate {end}")
        return cls(
            kpi_names=names,
            start=start,
            end=end,
            grouping=_one_of(context, "grouping", GROUPINGS) or "day",
            companies=_names(context.get("companies") or context.get("company"), "companies"),
            departments=_names(context.get("departments") or context.get("department"), "departments"),
            breakdown=_one_of(context, "breakdown", BREAKDOWNS),
        )

    @property
    def range(self) -> Span:
        return Span(self.start, self.end)

    def partial_periods(self) -> list[date]:
        """The first days of the periods that the range covers only in part: the first, the last, both or none."""
        if self.grouping == "total":
            return []
        first, last = period_of(self.start, self.grouping), period_of(self.end, self.grouping)
        partial = {first.first} if self.start > first.first else set()
        if self.end < last.last:
            partial.add(last.first)
        return sorted(partial)


def _check_fields(context: Mapping[str, Any]) -> None:
    unknown = [name for name in context if name not in FIELDS and name not in SINGULARS]
    if unknown:
        near = nearest(unknown[0], FIELDS, limit=1)
        hint = f"did you mean {near[0]}? The" if near else "the"
        raise CannotAnswer(f"context.{unknown[0]} is no field of a question; {hint} fields are {', '.join(FIELDS)}")
    for one, many in SINGULARS.items():
        if context.get(one) is not None and context.get(many):
            raise CannotAnswer(f"context.{one} and context.{many} are the same field; send {many} only")


def _one_of(context: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str | None:
    value = context.get(field)
    if value is None or value == "":
        return None
    if value not in allowed:
        raise CannotAnswer(f"context.{field} must be one of {', '.join(allowed)}, not {value!r}")
    return str(value)


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
