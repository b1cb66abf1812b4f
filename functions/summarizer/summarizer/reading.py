"""Reads the parts of a context that stand beside the rows: metrics, comparisons, drivers, year to date, goals.

Every part may be absent. An entry that has no meaning (a wrong date, no value) raises ``Malformed`` with its place, and
the caller goes on without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from baton.errors import Malformed

EARLIEST, LATEST = date(1800, 1, 1), date(2300, 12, 31)  # the summary visits every period of a range
MAX_EXPONENT = 40  # of a value; a larger one is a mistake, and its zeros would fill the page
MAX_DIGITS = 100  # of a value; the precision of the arithmetic
MAX_NAMES = 20


def day(value: Any, field: str) -> date:
    """A date, or the date of a timestamp such as ``2024-07-01T00:00:00+00:00``."""
    text = value if isinstance(value, str) else ""
    if len(text) > 10 and text[10] not in "T ":
        text = ""
    try:
        read = date.fromisoformat(text[:10])
    except ValueError:
        raise Malformed(f"{field} must be a date like 2024-07-01, but is {shown(value)}") from None
    if not EARLIEST <= read <= LATEST:
        raise Malformed(f"{field} must lie between {EARLIEST} and {LATEST}, but is {read}")
    return read


def optional_day(value: Any, field: str) -> date | None:
    return None if value is None else day(value, field)


def number(value: Any, field: str) -> Decimal:
    """The exact figure. A float (of JSON that was parsed before) becomes its shortest decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise Malformed(f"{field} must be a number, but is {shown(value)}")
    try:
        read = Decimal(str(value))
    except (InvalidOperation, ValueError):  # ValueError: a whole number of more digits than Python writes
        raise Malformed(f"{field} must be a number, but is {shown(value)}") from None
    if not read.is_finite() or not _is_plausible(read):
        raise Malformed(f"{field} must be a finite number of a plausible size, but is {shown(value)}")
    return read


def optional_number(value: Any, field: str) -> Decimal | None:
    return None if value is None else number(value, field)


def _is_plausible(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    smallest = -MAX_EXPONENT - MAX_DIGITS
    within = isinstance(exponent, int) and smallest <= exponent <= MAX_EXPONENT and len(digits) <= MAX_DIGITS
    return within and (not value or abs(value.adjusted()) <= MAX_EXPONENT)


def count(value: Any, field: str) -> int | None:
    """A whole number from 0 on, or None."""
    if value is None:
        return None
    read = number(value, field)
    if read != int(read) or read < 0:
        raise Malformed(f"{field} must be a whole number, but is {shown(value)}")
    return int(read)


def text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{field} must be a string, but is {shown(value)}")
    return value


def name(value: Any, field: str) -> str:
    """A name with a visible character."""
    if not isinstance(value, str) or not any(c.isprintable() and not c.isspace() for c in value):
        raise Malformed(f"{field} must be a name, but is {shown(value)}")
    return value


def names(value: Any, field: str) -> tuple[str, ...]:
    """The first 20 names of a list; none if the value is null."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed(f"{field} must be a list of names, but is {shown(value)}")
    return tuple(one for one in value if one.strip())[:MAX_NAMES]


def flag(value: Any, field: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise Malformed(f"{field} must be true or false, but is {shown(value)}")
    return value


def record(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed(f"{field} must be an object, but is {shown(value)}")
    return value


def shown(value: Any) -> str:
    """A value for an error message, with at most 60 characters."""
    if value is None:
        return "missing"
    try:
        written = str(value) if isinstance(value, Decimal) else json.dumps(value, default=str, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "too large or too deep to show"
    return written if len(written) <= 60 else written[:57] + "…"
