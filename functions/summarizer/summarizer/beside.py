"""What stands beside the rows: metrics, comparisons, drivers, year to date, goals.

``read_beside`` reads it. Without such parts the summarizer compares only what the rows prove.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from summarizer import names as kpi_names
from summarizer.periods import Grouping

T = TypeVar("T")


class To(StrEnum):
    """What a figure is compared with. ``WEEK_BEFORE`` and ``RANGE`` are computed here, the others may be given."""

    PREVIOUS = "previous"
    YEAR_BEFORE = "yearBefore"
    WEEK_BEFORE = "weekBefore"
    RANGE = "range"  # the last whole period of the range with the first
    WHOLE_PREVIOUS = "wholePrevious"  # the whole range with the same length before
    WHOLE_YEAR_BEFORE = "wholeYearBefore"  # the whole range with the same dates of the year before


@dataclass(frozen=True)
class Edge:
    """The first or the last day of a department's data, inside a period that the others reported whole."""

    department: str
    day: date


@dataclass(frozen=True)
class Metric:
    """What the data say about a KPI, None where they do not. ``direction`` is 1 if more is better, -1 if less.

    ``starts`` are departments whose data begin inside a period, ``ends`` those whose data end inside one.
    """

    unit: str | None = None
    aggregation: str | None = None
    direction: int | None = None
    additive: bool | None = None
    plan_of: str | None = None
    period: Grouping | None = None  # the length of its periods, if that is not the grouping
    grain: Grouping | None = None
    grain_inferred: bool = False
    weighted: bool | None = None
    sparse: bool = False
    weekdays: frozenset[int] = frozenset()  # with data, of daily numbers: 1 is Monday; empty if not known
    running_total: bool | None = None  # a level that starts again at every turn of a year
    starts: tuple[Edge, ...] = ()
    ends: tuple[Edge, ...] = ()


@dataclass(frozen=True)
class Given:
    """A comparison of like with like, as the data have it: same departments, same part of a period."""

    kpi: str
    part: tuple[str, ...]  # the company or the department of a breakdown
    period: date | None  # None: the whole range
    to: To
    to_period: date
    value: Decimal
    before: Decimal
    days_from_to: tuple[date, date] | None
    days_from_to_before: tuple[date, date] | None
    days: int | None
    days_before: int | None
    departments: int | None
    names: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    late: tuple[str, ...]  # reported only a part of the days
    late_before: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Driver:
    """The part of one department or company in a change of an additive metric."""

    kpi: str
    period: date | None  # None: the whole range
    to: To
    by: str
    name: str
    value: Decimal
    before: Decimal


@dataclass(frozen=True)
class ToDate:
    """A figure from the start of a year, and the same part of the year before."""

    kpi: str
    part: tuple[str, ...]
    start: date
    end: date
    value: Decimal
    start_before: date | None
    end_before: date | None
    before: Decimal | None
    compared: Decimal  # the part of ``value`` that is like for like with ``before``
    days: int | None = None
    days_before: int | None = None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    kpi: str
    company: str
    start: date
    end: date
    at_least: bool
    target: Decimal
    value: Decimal | None
    days: int | None
    days_with_data: int | None
    value_to: date | None  # the last day that ``value`` may have numbers of
    complete: bool | None  # whether the data reach the end of the goal's range; None if that is not known


class ByKpi(Generic[T]):
    """Entries, found by the name of a KPI or by the name with its unit."""

    def __init__(self, entries: Iterable[T], name: Callable[[T], str]) -> None:
        self._entries: dict[str, list[T]] = {}
        for entry in entries:
            self._entries.setdefault(kpi_names.key(name(entry)), []).append(entry)

    def of(self, *names: str) -> list[T]:
        """The entries of a KPI that has these names, in their order."""
        return [one for key in dict.fromkeys(map(kpi_names.key, names)) for one in self._entries.get(key, ())]


@dataclass(frozen=True)
class Beside:
    """All parts that were read, by the key of their KPI's name, and the reasons why others were not."""

    metrics: Mapping[str, Metric]
    comparisons: ByKpi[Given]
    drivers: ByKpi[Driver]
    to_date: ByKpi[ToDate]
    goals: ByKpi[Goal]
    compared: bool  # whether the context has comparisons, even if none
    faults: tuple[str, ...] = ()

    def period_of(self, kpi: str) -> Grouping | None:
        """The length of a KPI's periods, if the data say it."""
        return self.metrics.get(kpi_names.key(kpi), Metric()).period
