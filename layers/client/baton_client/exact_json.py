"""JSON whose decimals keep their digits: ``1.10`` is read as ``Decimal("1.10")`` and written as ``1.10``.

Values are ``None, bool, int, float, Decimal, str, list, tuple`` and mappings with text as their keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


def loads(text: str | bytes) -> Any:
    """Read JSON. Raises ValueError for other text, also for ``NaN`` and ``Infinity``, and for too deep nesting."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("the nesting is too deep") from None


def dumps(value: Any, where: str = "") -> str:
    """Compact JSON. Raises ValueError for NaN, infinity and text that is not Unicode, TypeError for values of other
    types. ``where`` is the name of the value; the errors say where in it the fault is: ``parameters.items[0]``."""
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError(_fault(where, f"JSON has no number for {value}"))
            return str(value)
        case Mapping():
            members = (f"{_name(key, where)}:{dumps(item, _join(where, key))}" for key, item in value.items())
            return "{" + ",".join(members) + "}"
        case list() | tuple():
            return "[" + ",".join(dumps(item, f"{where}[{index}]") for index, item in enumerate(value)) + "]"
        case None | bool() | int() | float() | str():
            return _plain(value, where)
        case _:
            raise TypeError(_fault(where, f"JSON has no form for {value!r}, a {type(value).__name__}"))


def _plain(value: Any, where: str) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(_fault(where, f"{value!r} is not Unicode text")) from None
    except ValueError:
        raise ValueError(_fault(where, f"JSON has no number for {value}")) from None
    return text


def _name(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise TypeError(_fault(where, f"the name of a member must be text, not {key!r}"))
    return _plain(key, where)


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _fault(where: str, text: str) -> str:
    return f"{where}: {text}" if where else text


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"the exponent of {digits[:40]} is too large") from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
