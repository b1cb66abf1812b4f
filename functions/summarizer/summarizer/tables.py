"""Tables of records: the first rows and columns, and the numbers of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from summarizer.jsontext import unwrapped
from summarizer.labels import headed, label
from summarizer.markup import plain, whole_words
from summarizer.material import written

MAX_ROWS = 25
MAX_COLUMNS = 8
MAX_CELL_LENGTH = 120
MAX_IN_CELL = 5
NONE = "–"


def records_table(records: Sequence[Mapping[str, Any]]) -> str:
    """``records`` as a Markdown table: up to 25 rows, with a column for each of up to eight keys of these rows."""
    shown = records[:MAX_ROWS]
    every = list(dict.fromkeys(key for record in shown for key in record))
    columns = every[:MAX_COLUMNS]
    lines = [
        [headed(label(str(column))) for column in columns],
        ["---:" if _is_numeric(shown, column) else "---" for column in columns],
        *([_cell(record.get(column)) for column in columns] for record in shown),
    ]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return "\n\n".join([table, *_left_out(len(records), every)])


def _left_out(rows: int, every: Sequence[str]) -> list[str]:
    parts = []
    if rows > MAX_ROWS:
        parts.append(f"the first {MAX_ROWS} of {rows:,} rows")
    if len(every) > MAX_COLUMNS:
        parts.append(f"the first {MAX_COLUMNS} of {len(every):,} columns")
    return [f"These are {' and '.join(parts)}."] if parts else []


def _is_numeric(records: Sequence[Mapping[str, Any]], column: str) -> bool:
    values = [record.get(column) for record in records]
    return all(value is None or (isinstance(value, (int, float, Decimal)) and value is not True) for value in values)


def _cell(cell: Any) -> str:
    value = unwrapped(cell)
    if value is None or value == "":
        return NONE
    if isinstance(value, (list, tuple)):
        if not value:
            return "none"
        left = f" and {len(value) - MAX_IN_CELL:,} more" if len(value) > MAX_IN_CELL else ""
        items = [item for item in value[:MAX_IN_CELL] if item is not None]
        text = ", ".join(whole_words(written(item), MAX_CELL_LENGTH) for item in items)
        return (text or NONE) + left
    if isinstance(value, Mapping):
        return plain(f"{len(value):,} fields")
    return whole_words(written(value), MAX_CELL_LENGTH)
