"""Exact arithmetic. A quotient has up to 40 digits and is cut, not rounded.

Cutting matters: to round a cut number half up gives the same figure as to round the exact one, so a figure is rounded
once, on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from statistics import median as _median

EXACT = Context(prec=140)  # exact for sums and differences of figures up to 1e40 with 100 digits
QUOTIENT = Context(prec=40, rounding=ROUND_DOWN)


def quotient(dividend: Decimal, divisor: Decimal | int) -> Decimal:
    """``dividend / divisor``, cut after 40 digits."""
    return QUOTIENT.divide(dividend, Decimal(divisor))


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` as per cent of ``whole``; None if ``whole`` is zero or negative, where a percentage would mislead."""
    return quotient(part * 100, whole) if whole > 0 else None


def median(values: Sequence[Decimal]) -> Decimal:
    return Decimal(_median(values))


def sign(value: Decimal) -> int:
    """1, -1 or 0."""
    return (value > 0) - (value < 0)


def decimals(value: Decimal) -> int:
    """The number of decimals of ``value``, without trailing zeros."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, places: int) -> Decimal:
    """``value`` with ``places`` decimals, rounded half up; never a negative zero."""
    result = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=EXACT)
    return abs(result) if result == 0 else result


def written(value: Decimal) -> str:
    """All digits, without an exponent and without zeros at the end: the form of a figure for programs."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
