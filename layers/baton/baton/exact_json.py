"""JSON with exact decimals.

``json`` reads ``1.10`` into a float and cannot write a ``Decimal``. Both would change people's numbers, and numeric
values of the database. ``loads`` makes a ``Decimal`` of every number with a fraction or exponent; ``dumps`` writes the
same digits. Values are ``None, bool, int, float, Decimal, str, list, tuple, dict`` and, when writing, also UUIDs, dates
and moments (ISO 8601, moments in UTC).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID


def loads(text: str | bytes) -> Any:
    """Raises ``ValueError`` if the text is not JSON. That includes ``NaN`` and ``Infinity``, which Python would accept,
    and numbers that are too large for ``Decimal``."""
    return json.loads(text, parse_float=_decimal, parse_constant=_refuse_constant)


def dumps(value: Any) -> str:
    """Compact JSON text. Raises ``ValueError`` for NaN and infinity, ``TypeError`` for other types.

    ``json`` itself writes a value without decimals, which is many times faster.
    """
    try:
        return _PLAIN.encode(value)
    except _DecimalFound:
        return _exactly(value)


def stored_bytes(value: Any) -> int:
    """The bytes of a value's JSON as Postgres writes it, which has every digit of a number: ``1E+3`` is 1000. Raises
    the errors of ``dumps``."""
    try:
        return len(_PLAIN.encode(value).encode())
    except _DecimalFound:
        return _stored_bytes(value)


def fingerprint(value: Any) -> str:
    """The SHA-256 of a value's JSON, in hex. The order of an object's members makes no difference."""
    try:
        text = _IN_ORDER.encode(value)
    except _DecimalFound:
        text = _exactly(_in_order(value))
    return hashlib.sha256(text.encode()).hexdigest()


def iso(moment: datetime) -> str:
    """``2026-11-23T09:00:00.123456Z``: one spelling for each moment, whatever its time zone is."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _DecimalFound(Exception):
    """``json`` cannot write the digits of a ``Decimal``."""


def _as_json(value: Any) -> Any:
    """For ``json``: a value of a type that it does not know, as one that it knows."""
    match value:
        case Decimal():
            raise _DecimalFound
        case Mapping():
            return dict(value)
        case UUID():
            return str(value)
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


_COMPACT: Mapping[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
_PLAIN = json.JSONEncoder(**_COMPACT, default=_as_json)
_IN_ORDER = json.JSONEncoder(**_COMPACT, default=_as_json, sort_keys=True)


def _exactly(value: Any) -> str:
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"JSON has no number for {value}")
            return str(value)
        case Mapping():
            return "{" + ",".join(f"{_PLAIN.encode(str(name))}:{_exactly(item)}" for name, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(_exactly(item) for item in value) + "]"
        case _:
            return _PLAIN.encode(value)


def _stored_bytes(value: Any) -> int:
    match value:
        case Decimal() if value.is_finite():
            return _digits(value)
        case Mapping():
            names = sum(len(_PLAIN.encode(str(name)).encode()) for name in value)
            return max(2, 1 + names + sum(_stored_bytes(item) + 2 for item in value.values()))
        case list() | tuple():
            return max(2, 1 + sum(_stored_bytes(item) + 1 for item in value))
        case _:
            return len(_exactly(value).encode())


def _digits(number: Decimal) -> int:
    """The length of a number without an exponent. It is computed, because the text may be very long."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # the number is finite
    if exponent >= 0:
        return sign + len(digits) + exponent
    return sign + max(len(digits), 1 - exponent) + 1


def _in_order(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _in_order(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [_in_order(item) for item in value]
        case _:
            return value


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"the exponent of {digits[:40]} is too large") from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
