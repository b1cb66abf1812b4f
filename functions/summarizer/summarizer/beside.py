"""What stands beside the rows: metrics, comparisons, drivers, year to date, goals.

The names are those of docs/kpi-tracking.md. Without such parts the summarizer compares only what the rows prove.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from baton.errors import Malformed
from summarizer import names as kpi_names
from summarizer import reading
from summarizer.periods import Grouping

MAX_ENTRIES = 20_000

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
class Metric:
    """What the data say about a KPI, None where they do not. ``direction`` is 1 if more is better, -1 if less."""

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
    complete: bool | None  # whether the data reach the end of the goal's range; None if that is not known


E = TypeVar("E", Given, Driver, ToDate, Goal)


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

    @classmethod
    def parse(cls, context: Mapping[str, Any]) -> Beside:
        """Read the parts. Raises no error: what cannot be read is in ``faults``."""
        faults: list[str] = []
        return cls(
            metrics=_metrics(context.get("metrics"), faults),
            comparisons=_entries(context, ("comparisons", "rangeComparisons"), _given, faults),
            drivers=_entries(context, ("drivers", "rangeDrivers"), _driver, faults),
            to_date=_entries(context, ("toDate",), _to_date, faults),
            goals=_entries(context, ("goals",), _goal, faults),
            compared=isinstance(context.get("comparisons"), list),
            faults=tuple(faults),
        )


def dimension(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The company or the department that an entry of a breakdown is about."""
    return tuple(str(entry[key]) for key in ("company", "department") if isinstance(entry.get(key), str) and entry[key])


def _entries(
    context: Mapping[str, Any], keys: Sequence[str], read: Callable[[Mapping[str, Any], str], E], faults: list[str]
) -> ByKpi[E]:
    entries = [entry for key in keys for entry in _list(context.get(key), key, read, faults)]
    return ByKpi(entries, lambda entry: entry.kpi)


def _list(value: Any, key: str, read: Callable[[Mapping[str, Any], str], E], faults: list[str]) -> list[E]:
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        faults.append(f"context.{key} must be a list, but is {reading.shown(value)}")
        return []
    entries = []
    for index, entry in enumerate(value[:MAX_ENTRIES]):
        field = f"context.{key}[{index}]"
        try:
            entries.append(read(reading.record(entry, field), field))
        except Malformed as error:
            faults.append(str(error))
    return entries


def _metrics(value: Any, faults: list[str]) -> dict[str, Metric]:
    if value is None:
        return {}
    try:
        metrics = reading.record(value, "context.metrics")
    except Malformed as error:
        faults.append(str(error))
        return {}
    read = {}
    for label, entry in metrics.items():
        try:
            read[kpi_names.key(str(label))] = _metric(reading.record(entry, f"context.metrics.{label}"), str(label))
        except Malformed as error:
            faults.append(str(error))
    return read


def _metric(entry: Mapping[str, Any], label: str) -> Metric:
    field = f"context.metrics.{label}"
    return Metric(
        unit=reading.text(entry.get("unit"), f"{field}.unit") or None,
        aggregation=reading.text(entry.get("aggregation"), f"{field}.aggregation") or None,
        direction=_direction(entry.get("direction"), f"{field}.direction"),
        additive=reading.flag(entry.get("additive"), f"{field}.additive"),
        plan_of=reading.text(entry.get("planOf"), f"{field}.planOf") or None,
        period=_grain(entry.get("period"), f"{field}.period"),
        grain=_grain(entry.get("grain"), f"{field}.grain"),
        grain_inferred=bool(reading.flag(entry.get("grainInferred"), f"{field}.grainInferred")),
        weighted=reading.flag(entry.get("weighted"), f"{field}.weighted"),
        sparse=bool(reading.flag(entry.get("sparse"), f"{field}.sparse")),
    )


def _direction(value: Any, field: str) -> int | None:
    if value not in (None, "up", "down", "none"):
        raise Malformed(f"{field} must be up, down or none, but is {reading.shown(value)}")
    return {"up": 1, "down": -1}.get(value or "")


def _grain(value: Any, field: str) -> Grouping | None:
    if value is None:
        return None
    if value not in list(Grouping):
        raise Malformed(f"{field} must be day, week, month, quarter, year or total, but is {reading.shown(value)}")
    return Grouping(value)


def _given(entry: Mapping[str, Any], field: str) -> Given:
    return Given(
        kpi=reading.name(entry.get("kpi"), f"{field}.kpi"),
        part=dimension(entry),
        period=_period(entry.get("period"), f"{field}.period"),
        to=_to(entry.get("to"), f"{field}.to"),
        to_period=reading.day(entry.get("toPeriod"), f"{field}.toPeriod"),
        value=reading.number(entry.get("value"), f"{field}.value"),
        before=reading.number(entry.get("valueBefore"), f"{field}.valueBefore"),
        days_from_to=_days(entry, "firstDay", "lastDay", field),
        days_from_to_before=_days(entry, "firstDayBefore", "lastDayBefore", field),
        days=reading.count(entry.get("days"), f"{field}.days"),
        days_before=reading.count(entry.get("daysBefore"), f"{field}.daysBefore"),
        departments=reading.count(entry.get("departments"), f"{field}.departments"),
        names=reading.names(entry.get("departmentNames"), f"{field}.departmentNames"),
        joined=reading.names(entry.get("joined"), f"{field}.joined"),
        left=reading.names(entry.get("left"), f"{field}.left"),
        whole=reading.flag(entry.get("whole"), f"{field}.whole") is not False,
    )


def _to(value: Any, field: str) -> To:
    if value not in (To.PREVIOUS, To.YEAR_BEFORE):
        raise Malformed(f"{field} must be previous or yearBefore, but is {reading.shown(value)}")
    return To(value)


def _period(value: Any, field: str) -> date | None:
    return None if value == Grouping.TOTAL else reading.day(value, field)


def _days(entry: Mapping[str, Any], first: str, last: str, field: str) -> tuple[date, date] | None:
    start, end = (reading.optional_day(entry.get(key), f"{field}.{key}") for key in (first, last))
    return (start, end) if start and end else None


def _driver(entry: Mapping[str, Any], field: str) -> Driver:
    return Driver(
        kpi=reading.name(entry.get("kpi"), f"{field}.kpi"),
        period=_period(entry.get("period"), f"{field}.period"),
        to=_to(entry.get("to"), f"{field}.to"),
        by=reading.text(entry.get("by"), f"{field}.by"),
        name=reading.name(entry.get("name"), f"{field}.name"),
        value=reading.optional_number(entry.get("value"), f"{field}.value") or Decimal(0),
        before=reading.optional_number(entry.get("valueBefore"), f"{field}.valueBefore") or Decimal(0),
    )


def _to_date(entry: Mapping[str, Any], field: str) -> ToDate:
    compared = reading.optional_number(entry.get("valueCompared"), f"{field}.valueCompared")
    value = reading.number(entry.get("value"), f"{field}.value")
    return ToDate(
        kpi=reading.name(entry.get("kpi"), f"{field}.kpi"),
        part=dimension(entry),
        start=reading.day(entry.get("from"), f"{field}.from"),
        end=reading.day(entry.get("to"), f"{field}.to"),
        value=value,
        start_before=reading.optional_day(entry.get("fromBefore"), f"{field}.fromBefore"),
        end_before=reading.optional_day(entry.get("toBefore"), f"{field}.toBefore"),
        before=reading.optional_number(entry.get("valueBefore"), f"{field}.valueBefore"),
        compared=value if compared is None else compared,
        joined=reading.names(entry.get("joined"), f"{field}.joined"),
        left=reading.names(entry.get("left"), f"{field}.left"),
    )


def _goal(entry: Mapping[str, Any], field: str) -> Goal:
    direction = entry.get("direction")
    if direction not in ("at_least", "at_most"):
        raise Malformed(f"{field}.direction must be at_least or at_most, but is {reading.shown(direction)}")
    return Goal(
        kpi=reading.name(entry.get("kpi"), f"{field}.kpi"),
        company=reading.text(entry.get("company"), f"{field}.company"),
        start=reading.day(entry.get("from"), f"{field}.from"),
        end=reading.day(entry.get("to"), f"{field}.to"),
        at_least=direction == "at_least",
        target=reading.number(entry.get("target"), f"{field}.target"),
        value=reading.optional_number(entry.get("value"), f"{field}.value"),
        days=reading.count(entry.get("days"), f"{field}.days"),
        days_with_data=reading.count(entry.get("daysWithData"), f"{field}.daysWithData"),
        complete=reading.flag(entry.get("complete"), f"{field}.complete"),
    )
