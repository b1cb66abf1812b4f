"""Reads what stands beside the rows. The names of its fields are those of docs/kpi-tracking.md.

It raises no error: an entry without a meaning is left out, and the reason goes to the faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from baton.errors import Malformed
from summarizer import names as kpi_names
from summarizer import reading
from summarizer.beside import Beside, ByKpi, Driver, Edge, Given, Goal, Metric, To, ToDate
from summarizer.periods import Grouping

MAX_ENTRIES = 20_000

E = TypeVar("E", Given, Driver, ToDate, Goal)


def read_beside(context: Mapping[str, Any]) -> Beside:
    """The parts of a context. What cannot be read is in ``faults``."""
    faults: list[str] = []
    return Beside(
        metrics=_metrics(context.get("metrics"), faults),
        comparisons=_entries(context, ("comparisons", "rangeComparisons"), _given, faults),
        drivers=_entries(context, ("drivers", "rangeDrivers"), _driver, faults),
        to_date=_entries(context, ("toDate",), _to_date, faults),
        goals=_entries(context, ("goals",), _goal, faults),
        compared=isinstance(context.get("comparisons"), list),
        faults=tuple(faults),
    )


def _dimension(entry: Mapping[str, Any]) -> tuple[str, ...]:
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
        weekdays=_weekdays(entry.get("weekdays"), f"{field}.weekdays"),
        running_total=reading.flag(entry.get("runningTotal"), f"{field}.runningTotal"),
        starts=_edges(entry.get("departmentsFrom"), f"{field}.departmentsFrom"),
        ends=_edges(entry.get("departmentsUntil"), f"{field}.departmentsUntil"),
    )


def _weekdays(value: Any, field: str) -> frozenset[int]:
    if value is None:
        return frozenset()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Malformed(f"{field} must be a list of weekdays from 1 to 7, but is {reading.shown(value)}")
    return frozenset(day for one in value if (day := reading.count(one, field)) is not None and 1 <= day <= 7)


def _edges(value: Any, field: str) -> tuple[Edge, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Malformed(f"{field} must be a list, but is {reading.shown(value)}")
    found = []
    for index, entry in enumerate(value[: reading.MAX_NAMES]):
        one, place = reading.record(entry, f"{field}[{index}]"), f"{field}[{index}]"
        name = reading.name(one.get("department"), f"{place}.department")
        found.append(Edge(name, reading.day(one.get("day"), f"{place}.day")))
    return tuple(found)


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
        part=_dimension(entry),
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
        late=reading.names(entry.get("late"), f"{field}.late"),
        late_before=reading.names(entry.get("lateBefore"), f"{field}.lateBefore"),
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
        part=_dimension(entry),
        start=reading.day(entry.get("from"), f"{field}.from"),
        end=reading.day(entry.get("to"), f"{field}.to"),
        value=value,
        start_before=reading.optional_day(entry.get("fromBefore"), f"{field}.fromBefore"),
        end_before=reading.optional_day(entry.get("toBefore"), f"{field}.toBefore"),
        before=reading.optional_number(entry.get("valueBefore"), f"{field}.valueBefore"),
        compared=value if compared is None else compared,
        days=reading.count(entry.get("days"), f"{field}.days"),
        days_before=reading.count(entry.get("daysBefore"), f"{field}.daysBefore"),
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
        value_to=reading.optional_day(entry.get("valueTo"), f"{field}.valueTo"),
        days=reading.count(entry.get("days"), f"{field}.days"),
        days_with_data=reading.count(entry.get("daysWithData"), f"{field}.daysWithData"),
        complete=reading.flag(entry.get("complete"), f"{field}.complete"),
    )
