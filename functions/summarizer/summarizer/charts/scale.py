"""The scale of an axis: round numbers for its ticks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from summarizer.numbers import quotient

MOST_TICKS = 5
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Scale:
    """Ticks from ``low`` to ``high``, the same distance apart."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    @classmethod
    def fitting(cls, values: Iterable[Decimal], *, with_zero: bool) -> Scale:
        """A scale for ``values``. Bars need the zero; lines may begin elsewhere, if all values are far from zero."""
        held = list(values)
        low, high = min(held), max(held)
        if with_zero or low <= high - low or high - low == 0:
            low, high = min(low, Decimal(0)), max(high, Decimal(0))
        if low == high:
            high = low + 1
        step = _step(quotient(high - low, MOST_TICKS - 1))
        first, last = _floor(low, step), -_floor(-high, step)
        count = int(quotient(last - first, step).to_integral_value()) + 1
        return cls(first, last, tuple(first + step * at for at in range(count)))

    def part(self, value: Decimal) -> float:
        """The place of ``value`` between ``low`` (0) and ``high`` (1)."""
        return float(quotient(value - self.low, self.high - self.low))


def _step(raw: Decimal) -> Decimal:
    power = Decimal(1).scaleb(raw.adjusted())
    return next(step * power for step in STEPS if step * power >= raw)


def _floor(value: Decimal, step: Decimal) -> Decimal:
    return (value // step - (1 if value % step < 0 else 0)) * step
