"""What JSON may hold but the record cannot: Postgres stores no U+0000, no half of a surrogate pair, no number without
end, and Python reads no nesting without end back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Path = tuple[str | int, ...]

DEEPEST = 100
LARGEST_EXPONENT = 1000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def problem(value: Any) -> tuple[Path, str] | None:
    """The first thing in JSON data that cannot be stored: where it is, and a sentence's end that says what it is."""
    ahead: list[tuple[Path, Any]] = [((), value)]
    while ahead:
        path, item = ahead.pop()
        found = _problem(item)
        if found or len(path) > DEEPEST:
            return path, found or f"is nested deeper than {DEEPEST} levels"
        ahead.extend(_parts(path, item))
    return None


def cleaned(text: str) -> str:
    """The text with U+FFFD in place of each character that cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


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
            if _UNSTORABLE.search(item):
                return "has a text with U+0000 or an unpaired surrogate, which cannot be stored"
        case float():
            if not math.isfinite(item):
                return "has a number that is too large"
        case Decimal():
            if not item.is_finite() or abs(item.adjusted()) > LARGEST_EXPONENT:
                return "has a number that is too large or too small"
    return None
