"""Compares costs with incomes: the growth of a cost is bad news only if no income grows as fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from summarizer import names
from summarizer.markup import plain
from summarizer.readings import Reading
from summarizer.series import Aggregation
from summarizer.units import percentage, rounded

INCOME = frozenset({"income", "revenue", "sales", "turnover"})


def costs_outgrow_income(readings: Sequence[Reading]) -> Iterator[str]:
    """The first cost that grew faster than an income in the same currency."""
    for cost in readings:
        for gain in _incomes_beside(cost, readings):
            up, against = _growth(cost), _growth(gain)
            if up is not None and against is not None and rounded(up, 1) > max(rounded(against, 1), Decimal(0)):
                by_trend = ", by trend and measured by the average" if cost.tells_trend else ""
                beside = f"{'down' if against < 0 else 'up'} {percentage(against)}" if against else "level"
                yield (
                    f"Review {plain(cost.series.spoken)}: up {percentage(up)} "
                    f"while {plain(gain.series.spoken)} was {beside}{by_trend}."
                )
                return


def is_outgrown(reading: Reading, readings: Sequence[Reading]) -> bool:
    """Whether this is a cost that grew no faster than an income in the same currency, so its growth is no bad news."""
    up = _growth(reading)
    growths = [_growth(gain) for gain in _incomes_beside(reading, readings)]
    return up is not None and any(growth is not None and growth >= up for growth in growths)


def _incomes_beside(cost: Reading, readings: Sequence[Reading]) -> list[Reading]:
    """The incomes (revenue, sales) in the currency of the cost; empty if ``cost`` is no cost."""
    if not cost.series.lower_is_better:
        return []
    incomes = [r for r in readings if INCOME & set(names.words(r.series.kpi)) and not r.series.lower_is_better]
    return [r for r in incomes if r.series.unit == cost.series.unit and r.series.qualifier == cost.series.qualifier]


def _growth(reading: Reading) -> Decimal | None:
    """The growth of a total in per cent: by its trend, or from the first to the last figure if they are too few."""
    if reading.series.aggregation is not Aggregation.SUM or not reading.change:
        return None
    if not reading.tells_trend or reading.trend is None:
        return reading.change.percent
    if reading.trend.average <= 0:
        return None
    return reading.trend.rise / reading.trend.average * 100 if reading.trend.direction else Decimal(0)
