"""The request to summarize: the rows and their question, read from a task's context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from baton import exact_json
from baton.errors import Malformed
from summarizer import reading
from summarizer.beside import Beside
from summarizer.periods import Grouping
from summarizer.read_beside import read_beside
from summarizer.scope import SCOPE_FIELDS, Scope

KNOWN_FIELDS = frozenset({"kpi", "unit", "period", "value", "aggregation"})


@dataclass(frozen=True)
class Covers:
    """What a figure covers. ``departments`` reported in the period, ``departments_before`` in the period before."""

    first_day: date | None
    last_day: date | None
    days: int | None
    departments: int | None
    departments_before: int | None
    whole: bool | None = None  # whether the period is complete; None: the data do not say it


@dataclass(frozen=True)
class Row:
    """One figure of one KPI. ``value`` is None if the data has a period without a figure (SQL's null)."""

    kpi: str
    unit: str
    period: date
    value: Decimal | None
    aggregation: str
    dimensions: tuple[tuple[str, str], ...]  # all other text fields of the row, e.g. (("company", "Acme"),)
    covers: Covers | None = None


@dataclass(frozen=True)
class Request:
    """The rows and their question. ``kpi_names`` is empty and the dates are None if the context has none.

    ``scope`` has the companies and departments of the rows, ``history`` the rows before the asked range, ``beside``
    what stands beside the rows. With a ``breakdown`` by department or company, ``totals`` are the rows of the whole
    scope.
    """

    rows: tuple[Row, ...]
    kpi_names: tuple[str, ...]
    grouping: Grouping
    start: date | None
    end: date | None
    sql: str
    scope: Scope
    history: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    breakdown: str = ""
    beside: Beside = field(default_factory=lambda: read_beside({}))

    @classmethod
    def parse(cls, context: Mapping[str, Any]) -> Request:
        """Read a task's context. ``Malformed`` names the first wrong field and its right form."""
        grouping = _grouping(context.get("grouping"))
        start, end = (reading.optional_day(context.get(name), f"context.{name}") for name in ("startDate", "endDate"))
        if start and end and start > end:
            raise Malformed(f"context.startDate ({start}) must not be after context.endDate ({end})")
        sql = context.get("sql")
        if sql is not None and not isinstance(sql, str):
            raise Malformed("context.sql must be a string")
        breakdown = context.get("breakdown")
        beside = read_beside(context)
        return cls(
            rows=_rows(context.get("queryResults"), "queryResults", grouping, beside),
            kpi_names=_kpi_names(context.get("kpiNames")),
            grouping=grouping,
            start=start,
            end=end,
            sql=sql or "",
            scope=Scope(*(_names(context.get(name), name) for name in SCOPE_FIELDS)),
            history=_others(context.get("history"), "history", grouping, beside),
            totals=_others(context.get("totals"), "totals", grouping, beside),
            breakdown=breakdown if isinstance(breakdown, str) else "",
            beside=beside,
        )


def _others(value: Any, name: str, grouping: Grouping, beside: Beside) -> tuple[Row, ...]:
    return () if value is None else _rows(value, name, grouping, beside)


def _grouping(value: Any) -> Grouping:
    try:
        return Grouping(value)
    except ValueError:
        every = "day, week, month, quarter, year or total"
        raise Malformed(f"context.grouping must be {every}, but is {reading.shown(value)}") from None


def _kpi_names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not _is_list_of_names(value):
        raise Malformed(f"context.kpiNames must be a list of KPI names, but is {reading.shown(value)}")
    return tuple(dict.fromkeys(value))


def _names(value: Any, name: str) -> tuple[str, ...]:
    """Names of companies or departments. A single string is a list of one name, as for supabase-agent."""
    if value is None or value == "":
        return ()
    names = [value] if isinstance(value, str) else value
    if not _is_list_of_names(names):
        raise Malformed(f"context.{name} must be a list of names, but is {reading.shown(value)}")
    return tuple(dict.fromkeys(name.strip() for name in names))


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name.strip() for name in value)


def _rows(value: Any, name: str, grouping: Grouping, beside: Beside) -> tuple[Row, ...]:
    field = f"context.{name}"
    if isinstance(value, str):
        try:
            value = exact_json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"{field} must be a JSON list of rows, but is not JSON: {error}") from None
    if not isinstance(value, list):
        raise Malformed(f"{field} must be a list of rows or the JSON of one, but is {reading.shown(value)}")
    rows = tuple(_row(row, f"{field}[{index}]", grouping, beside) for index, row in enumerate(value))
    seen: dict[tuple[Any, ...], int] = {}
    for index, row in enumerate(rows):
        first = seen.setdefault((row.kpi, row.unit, row.period, row.dimensions), index)
        if first != index:
            raise Malformed(
                f"{field}[{index}] repeats {field}[{first}]: {row.kpi} has two figures for "
                f"{grouping.label(row.period)} and nothing in the rows tells them apart"
            )
    return rows


def _row(row: Any, field: str, grouping: Grouping, beside: Beside) -> Row:
    if not isinstance(row, Mapping):
        raise Malformed(f"{field} must be an object with kpi, unit, period and value, but is {reading.shown(row)}")
    kpi = row.get("kpi")
    if not isinstance(kpi, str) or not any(c.isprintable() and not c.isspace() for c in kpi):
        raise Malformed(f"{field}.kpi must be the name of a KPI, but is {reading.shown(kpi)}")
    period = reading.day(row.get("period"), f"{field}.period")
    step = beside.period_of(kpi) or grouping
    if period != step.start_of(period):
        says = "context.grouping" if step is grouping else f"context.metrics.{kpi}.period"
        raise Malformed(f"{field}.period must be {step.starts_on} as {says} says, but is {period}")
    if "value" not in row:
        raise Malformed(f"{field}.value is missing")
    return Row(
        kpi=kpi,
        unit=reading.text(row.get("unit"), f"{field}.unit"),
        period=period,
        value=reading.optional_number(row["value"], f"{field}.value"),
        aggregation=reading.text(row.get("aggregation"), f"{field}.aggregation"),
        dimensions=tuple(sorted((k, v) for k, v in row.items() if k not in KNOWN_FIELDS and isinstance(v, str))),
        covers=_covers(row.get("covers"), f"{field}.covers"),
    )


def _covers(value: Any, field: str) -> Covers | None:
    if value is None:
        return None
    covers = reading.record(value, field)
    first, last = (reading.optional_day(covers.get(key), f"{field}.{key}") for key in ("firstDay", "lastDay"))
    days, departments, before = (
        reading.count(covers.get(key), f"{field}.{key}") for key in ("days", "departments", "departmentsBefore")
    )
    whole = reading.flag(covers.get("whole"), f"{field}.whole")
    return Covers(first, last, days, departments, before, whole)
