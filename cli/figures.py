"""Shows the rows of a JSON deliverable as a table: KPI figures by period, other rows as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from baton import exact_json
from cli.screen import Screen

MAX_DIGITS = 40  # before or after the point; a longer number is easier to read with an exponent

Row = Mapping[str, Any]


def rows_of(content: str) -> list[Row] | None:
    """The rows of a JSON text; None if it is not a list of objects."""
    try:
        value = exact_json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, list) and all(isinstance(row, dict) for row in value) else None


def show_rows(screen: Screen, rows: Sequence[Row], most: int | None = None) -> None:
    """KPI rows as a line for each period and a column for each KPI, other rows as they are; at most ``most`` lines."""
    columns, lines, numbers = _pivot(rows) if _are_kpi_rows(rows) else _plain(rows)
    if columns:
        screen.table(columns, lines[:most], numbers)
    hidden = len(lines) - len(lines[:most])
    if hidden:
        screen.line(f"… and {hidden} more lines")
    screen.line(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")


def readable(value: Any) -> str:
    """A JSON value as text for people. Decimals keep their digits."""
    match value:
        case None:
            return "–"
        case list():
            return ", ".join(map(readable, value))
        case bool() | str():
            return str(value)
        case dict():
            return exact_json.dumps(value)
        case Decimal() if abs(value.adjusted()) <= MAX_DIGITS:
            return f"{value:,f}"
        case _:
            return f"{value:,}"


def _are_kpi_rows(rows: Sequence[Row]) -> bool:
    return bool(rows) and all({"kpi", "unit", "period", "value"} <= row.keys() for row in rows)


def _pivot(rows: Sequence[Row]) -> tuple[list[str], list[list[Any]], list[str]]:
    kpis = list(dict.fromkeys(f"{row['kpi']} ({row['unit']})" for row in rows))
    by_company = any(row.get("company") for row in rows)
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["period"], row.get("company")) if by_company else (row["period"],)
        lines.setdefault(key, {})[f"{row['kpi']} ({row['unit']})"] = readable(row["value"])
    ordered = sorted(lines, key=lambda key: tuple(map(str, key)))
    columns = ["period", *(["company"] if by_company else []), *kpis]
    return columns, [[*key, *(lines[key].get(kpi, "–") for kpi in kpis)] for key in ordered], kpis


def _plain(rows: Sequence[Row]) -> tuple[list[str], list[list[Any]], list[str]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return columns, [[readable(row.get(column)) for column in columns] for row in rows], []
