"""Ratios over a whole span. The margin of three months is not the average of three margins.

If the rows have the parts of a ratio, its overall figure is computed from their totals. The figures, not the names,
prove which series are the parts: the formula must give the ratio in every period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from summarizer.series import Aggregation, Series
from summarizer.units import Kind

FORMULAS: tuple[tuple[str, Callable[[Decimal, Decimal], Decimal]], ...] = (
    ("({a} - {b}) / {a}", lambda a, b: (a - b) / a),
    ("{a} / {b}", lambda a, b: a / b),
)
TOLERANCE = Decimal("0.00005")  # allows ratios that are rounded to four decimals


@dataclass(frozen=True)
class Overall:
    """A ratio of the totals of the series ``a`` and ``b``, which ``formula`` names as {a} and {b}."""

    value: Decimal
    formula: str
    a: Series
    b: Series


def overall(ratio: Series, others: Sequence[Series]) -> Overall | None:
    """The ratio of the span's totals; None if the rows do not have its parts, or have only one period as a proof."""
    if not ratio.unit.in_points or len(ratio.points) < 2:
        return None
    parts = [other for other in others if other.aggregation is Aggregation.SUM and not other.uneven]
    for a, b in permutations(parts, 2):
        if a.unit != b.unit or not [p.period for p in ratio.points] == [p.period for p in a.points] == [
            p.period for p in b.points
        ]:
            continue
        for text, compute in FORMULAS:
            if _explains(ratio, a, b, compute):
                total = compute(sum(a.values, Decimal(0)), sum(b.values, Decimal(0)))
                return Overall(_in_unit(ratio, total), text, a, b)
    return None


def _explains(ratio: Series, a: Series, b: Series, compute: Callable[[Decimal, Decimal], Decimal]) -> bool:
    if any(value == 0 for value in (*a.values, *b.values, sum(a.values), sum(b.values))):
        return False
    tolerance = _in_unit(ratio, TOLERANCE)
    return all(
        abs(_in_unit(ratio, compute(x, y)) - value) <= tolerance
        for x, y, value in zip(a.values, b.values, ratio.values, strict=True)
    )


def _in_unit(ratio: Series, value: Decimal) -> Decimal:
    return value * 100 if ratio.unit.kind is Kind.PERCENT else value
