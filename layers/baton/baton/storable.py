"""JSON that the record cannot store. Postgres refuses U+0000, unpaired surrogates and numbers that are too large;
Python cannot read JSON back that is nested too deep."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Path = tuple[str | int, ...]

MAX_LEVELS = 100
MAX_EXPONENT = 1000


def problem(value: Any) -> tuple[Path, str] | None:
    """The first thing in JSON data that cannot be stored: its path, and the second half of a sentence about it."""
    ahead: list[tuple[Path, Any]] = [((), value)]
    while ahead:
        path, item = ahead.pop()
        message = _problem(item)
        if message or len(path) > MAX_LEVELS:
            return path, message or f"is nested deeper than {MAX_LEVELS} levels"
        ahead.extend(_parts(path, item))
    return None


def _parts(path: Path, item: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(item, dict):
        for name, part in item.items():
            yield (*path, name), part
            yield path, name  # a name is text, too
    elif isinstance(item, list):
        yield from (((*path, index), part) for index, part in enumerate(item))


def _problem(item: Any) -> str | None:
    match item:
        case str():
            if "\x00" in item or any("\ud800" <= character <= "\udfff" for character in item):
                return "has a text with U+0000 or an unpaired surrogate, which cannot be stored"
        case float():
            if not math.isfinite(item):
                return "has a number that is too large"
        case Decimal():
            if not item.is_finite() or abs(item.adjusted()) > MAX_EXPONENT:
                return "has a number that is too large or too small"
    return None
