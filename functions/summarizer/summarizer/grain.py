"""The grain of figures: how far apart they lie, if the data do not say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from summarizer.periods import Grouping

MIN_FIGURES = 3
COARSER = (Grouping.YEAR, Grouping.QUARTER, Grouping.MONTH, Grouping.WEEK)


def inferred_grain(periods: Sequence[date], grouping: Grouping) -> Grouping | None:
    """The longest period that has one figure each, of periods longer than ``grouping``; None if there is none.

    Figures of each third month are quarterly figures. Every period of that length must have its figure.
    """
    if len(periods) < MIN_FIGURES:
        return None
    for grain in COARSER:
        if grain.length > grouping.length and _is_grain(sorted(periods), grouping, grain):
            return grain
    return None


def _is_grain(periods: Sequence[date], grouping: Grouping, grain: Grouping) -> bool:
    starts = [grain.start_of(grouping.end_of(period)) for period in periods]
    return all(grain.after(before) == after for before, after in pairwise(starts)) and _are_alike(periods, starts)


def _are_alike(periods: Sequence[date], starts: Sequence[date]) -> bool:
    """Whether each figure has the same place in its longer period, up to a week."""
    offsets = [(period - start).days for period, start in zip(periods, starts, strict=True)]
    return max(offsets) - min(offsets) <= 6
