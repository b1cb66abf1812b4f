"""JSON whose decimals keep their digits: ``1.10`` is read as ``Decimal("1.10")`` and written as ``1.10``.

Values are ``None, bool, int, float, Decimal, str, list, tuple`` and mappings with text as their keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


def loads(text: str | bytes) -> Any:
    """Read JSON. Raises ValueError for other text, also for ``NaN`` and ``Infinity``."""
    return json.loads(text, parse_float=_decimal, parse_constant=_refuse_constant)


def dumps(value: Any) -> str:
    """Compact JSON. Raises ValueError for NaN and infinity, TypeError for values of other types."""
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"JSON has no number for {value}")
            return str(value)
        case Mapping():
            return "{" + ",".join(f"{_plain(_name(key))}:{dumps(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(dumps, value)) + "]"
        case _:
            return _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the name of a member must be text, not {key!r}")
    return key


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"the exponent of {digits[:40]} is too large") from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
