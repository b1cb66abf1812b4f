"""The request to summarize: the rows and their question, read from a task's context."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from baton import exact_json
from baton.errors import Malformed
from summarizer.periods import Grouping
from summarizer.scope import SCOPE_FIELDS, Scope

KNOWN_FIELDS = frozenset({"kpi", "unit", "period", "value", "aggregation"})
EARLIEST, LATEST = date(1800, 1, 1), date(2300, 12, 31)  # the summary visits every period of a range
MAX_EXPONENT = 40  # of a value; a larger one is a mistake, and its zeros would fill the page
MAX_DIGITS = 100  # of a value; the precision of the arithmetic


@dataclass(frozen=True)
class Row:
    """One figure of one KPI. ``value`` is None if the data has a period without a figure (SQL's null)."""

    kpi: str
    unit: str
    period: date
    value: Decimal | None
    aggregation: str
    dimensions: tuple[tuple[str, str], ...]  # all other text fields of the row, e.g. (("company", "Acme"),)


@dataclass(frozen=True)
class Request:
    """The rows and their question. ``kpi_names`` is empty and the dates are None if the context has none.

    ``scope`` has the companies and departments of the rows.
    """

    rows: tuple[Row, ...]
    kpi_names: tuple[str, ...]
    grouping: Grouping
    start: date | None
    end: date | None
    sql: str
    scope: Scope

    @classmethod
    def parse(cls, context: Mapping[str, Any]) -> Request:
        """Read a task's context. ``Malformed`` names the first wrong field and its right form."""
        grouping = _grouping(context.get("grouping"))
        start, end = (_optional_date(context.get(name), f"context.{name}") for name in ("startDate", "endDate"))
        if start and end and start > end:
            raise Malformed(f"context.startDate ({start}) must not be after context.endDate ({end})")
        sql = context.get("sql")
        if sql is not None and not isinstance(sql, str):
            raise Malformed("context.sql must be a string")
        return cls(
            rows=_rows(context.get("queryResults"), grouping),
            kpi_names=_kpi_names(context.get("kpiNames")),
            grouping=grouping,
            start=start,
            end=end,
            sql=sql or "",
            scope=Scope(*(_names(context.get(name), name) for name in SCOPE_FIELDS)),
        )


def _grouping(value: Any) -> Grouping:
    try:
        return Grouping(value)
    except ValueError:
        raise Malformed(f"context.grouping must be day, week or month, but is {_shown(value)}") from None


def _kpi_names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not _is_list_of_names(value):
        raise Malformed(f"context.kpiNames must be a list of KPI names, but is {_shown(value)}")
    return tuple(dict.fromkeys(value))


def _names(value: Any, name: str) -> tuple[str, ...]:
    """Names of companies or departments. A single string is a list of one name, as for supabase-agent."""
    if value is None or value == "":
        return ()
    names = [value] if isinstance(value, str) else value
    if not _is_list_of_names(names):
        raise Malformed(f"context.{name} must be a list of names, but is {_shown(value)}")
    return tuple(dict.fromkeys(name.strip() for name in names))


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name.strip() for name in value)


def _optional_date(value: Any, field: str) -> date | None:
    return None if value is None else _date(value, field)


def _date(value: Any, field: str) -> date:
    """A date, or the date of a timestamp such as ``2024-07-01T00:00:00+00:00``."""
    text = value if isinstance(value, str) else ""
    if len(text) > 10 and text[10] not in "T ":
        text = ""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise Malformed(f"{field} must be a date like 2024-07-01, but is {_shown(value)}") from None
    if not EARLIEST <= day <= LATEST:
        raise Malformed(f"{field} must lie between {EARLIEST} and {LATEST}, but is {day}")
    return day


def _rows(value: Any, grouping: Grouping) -> tuple[Row, ...]:
    if isinstance(value, str):
        try:
            value = exact_json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"context.queryResults must be a JSON list of rows, but is not JSON: {error}") from None
    if not isinstance(value, list):
        raise Malformed(f"context.queryResults must be a list of rows or the JSON of one, but is {_shown(value)}")
    rows = tuple(_row(row, f"context.queryResults[{index}]", grouping) for index, row in enumerate(value))
    seen: dict[tuple[Any, ...], int] = {}
    for index, row in enumerate(rows):
        first = seen.setdefault((row.kpi, row.unit, row.period, row.dimensions), index)
        if first != index:
            raise Malformed(
                f"context.queryResults[{index}] repeats context.queryResults[{first}]: {row.kpi} has two figures for "
                f"{grouping.label(row.period)} and nothing in the rows tells them apart"
            )
    return rows


def _row(row: Any, field: str, grouping: Grouping) -> Row:
    if not isinstance(row, Mapping):
        raise Malformed(f"{field} must be an object with kpi, unit, period and value, but is {_shown(row)}")
    kpi = row.get("kpi")
    if not isinstance(kpi, str) or not any(c.isprintable() and not c.isspace() for c in kpi):
        raise Malformed(f"{field}.kpi must be the name of a KPI, but is {_shown(kpi)}")
    period = _date(row.get("period"), f"{field}.period")
    if period != grouping.start_of(period):
        raise Malformed(f"{field}.period must be {grouping.starts_on} as context.grouping says, but is {period}")
    return Row(
        kpi=kpi,
        unit=_optional_text(row.get("unit"), f"{field}.unit"),
        period=period,
        value=_value(row, field),
        aggregation=_optional_text(row.get("aggregation"), f"{field}.aggregation"),
        dimensions=tuple(sorted((k, v) for k, v in row.items() if k not in KNOWN_FIELDS and isinstance(v, str))),
    )


def _value(row: Mapping[str, Any], field: str) -> Decimal | None:
    """The exact figure. A float (of JSON that was parsed before) becomes its shortest decimal."""
    if "value" not in row:
        raise Malformed(f"{field}.value is missing")
    value = row["value"]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise Malformed(f"{field}.value must be a number, but is {_shown(value)}")
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):  # ValueError: a whole number of more digits than Python writes
        raise Malformed(f"{field}.value must be a number, but is {_shown(value)}") from None
    if not number.is_finite() or not _is_plausible(number):
        raise Malformed(f"{field}.value must be a finite number of a plausible size, but is {_shown(value)}")
    return number


def _is_plausible(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    smallest = -MAX_EXPONENT - MAX_DIGITS
    within = isinstance(exponent, int) and smallest <= exponent <= MAX_EXPONENT and len(digits) <= MAX_DIGITS
    return within and (not number or abs(number.adjusted()) <= MAX_EXPONENT)


def _optional_text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{field} must be a string, but is {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    """A value for an error message, with at most 60 characters."""
    if value is None:
        return "missing"
    try:
        text = str(value) if isinstance(value, Decimal) else json.dumps(value, default=str, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "too large or too deep to show"
    return text if len(text) <= 60 else text[:57] + "…"
