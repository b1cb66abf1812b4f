"""Statistics of one series, in exact decimals: change, mean, median, trend, outliers. It knows nothing about KPIs.

Sources: the Mann–Kendall test with its correction for ties and, by season, Hirsch and Slack (1982); Theil–Sen's slope
by season; the modified z-score of Iglewicz and Hoaglin (1993).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import combinations
from statistics import median

EXACT = Context(prec=100)  # exact for sums of figures up to 1e40 with 40 decimals; quotients are rounded to 100 digits

MIN_FOR_TREND = 5  # with four points or fewer no trend is significant at the 5 % level
MIN_FOR_OUTLIERS = 8
Z_OF_5_PERCENT = Decimal("1.959964")  # two-sided
Z_OF_OUTLIER = Decimal("3.5")
MAD_TO_SIGMA = Decimal("0.6745")


@dataclass(frozen=True)
class Change:
    """From one figure to a later one."""

    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        return self.after - self.before

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 the same."""
        return (self.difference > 0) - (self.difference < 0)

    @property
    def percent(self) -> Decimal | None:
        """None where a percentage would mislead: from zero, from below zero, or to below zero."""
        return None if self.before <= 0 or self.after < 0 else self.difference / self.before * 100


@dataclass(frozen=True)
class Trend:
    """``direction`` is 1 (up) or -1 (down) if the trend is significant, else 0. ``slope`` is per position."""

    direction: int
    slope: Decimal


@dataclass(frozen=True)
class Outlier:
    """The figure at ``index`` is far from the ``typical`` one, which is a median."""

    index: int
    typical: Decimal


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def trend(values: Sequence[Decimal], positions: Sequence[int], season: int = 1) -> Trend | None:
    """The trend of ``values`` at integer ``positions`` in time; None if they are too few.

    With ``season`` 7, it compares only figures that are whole weeks apart, so weekends do not look like falls.
    """
    if len(values) < MIN_FOR_TREND:
        return None
    seasons = _by_season(positions, season)
    score = sum(_score([values[i] for i in members]) for members in seasons)
    variance = sum(_variance([values[i] for i in members]) for members in seasons)
    slopes = [
        (values[j] - values[i]) / (positions[j] - positions[i])
        for members in seasons
        for i, j in combinations(members, 2)
    ]
    if not slopes:
        return None
    slope = median(slopes)
    certain = abs(score) > 1 and (abs(score) - 1) ** 2 > Z_OF_5_PERCENT**2 * variance
    direction = (score > 0) - (score < 0) if certain else 0
    return Trend(direction if direction * slope > 0 else 0, slope)


def outliers(values: Sequence[Decimal], positions: Sequence[int], season: int = 1) -> tuple[Outlier, ...]:
    """The figures far from the median (of their season), the most extreme first; empty if the figures are too few.

    Far means more than 3.5 robust standard deviations, computed from the median absolute deviation.
    """
    if len(values) < MIN_FOR_OUTLIERS:
        return ()
    typical: dict[int, Decimal] = {}
    for members in _by_season(positions, season):
        typical |= dict.fromkeys(members, median([values[i] for i in members]))
    distances = [abs(value - typical[index]) for index, value in enumerate(values)]
    spread = median(distances)
    if spread == 0:
        return ()  # more than half of the figures are equal: every other one would be an outlier
    far = [index for index, distance in enumerate(distances) if MAD_TO_SIGMA * distance > Z_OF_OUTLIER * spread]
    return tuple(Outlier(index, typical[index]) for index in sorted(far, key=lambda index: (-distances[index], index)))


def _by_season(positions: Sequence[int], season: int) -> list[list[int]]:
    """The indices of ``positions``, grouped: those of one group are whole seasons apart."""
    members: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        members.setdefault(position % season, []).append(index)
    return list(members.values())


def _score(values: Iterable[Decimal]) -> int:
    """Kendall's S: the number of rising pairs minus the number of falling pairs."""
    score, earlier = 0, list[Decimal]()
    for value in values:
        score += bisect_left(earlier, value) - (len(earlier) - bisect_right(earlier, value))
        insort(earlier, value)
    return score


def _variance(values: Sequence[Decimal]) -> Decimal:
    """The variance of S without a trend, with the correction for equal figures."""

    def term(n: int) -> int:
        return n * (n - 1) * (2 * n + 5)

    return Decimal(term(len(values)) - sum(term(ties) for ties in Counter(values).values())) / 18
