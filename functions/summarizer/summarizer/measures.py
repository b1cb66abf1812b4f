"""Statistics of one series, in exact decimals: change, mean, median, trend, outliers. Pure, and ignorant of KPIs.

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

EXACT = Context(prec=100)  # sums of figures up to 1e40 with 40 decimals; only quotients are rounded, at the 100th digit

MIN_FOR_TREND = 5  # with four points or fewer no trend can be told from chance at the 5 % level
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
    """``direction`` is 1 or -1 if the test tells a trend from chance, else 0; ``slope`` is per position."""

    direction: int
    slope: Decimal


@dataclass(frozen=True)
class Outlier:
    """The figure at ``index`` and the ``typical`` one (a median) that it is far from."""

    index: int
    typical: Decimal


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def trend(values: Sequence[Decimal], positions: Sequence[int], season: int = 1) -> Trend | None:
    """Whether ``values`` at integer ``positions`` in time go up or down; None if they are too few to say.

    With ``season`` 7, only figures whole weeks apart are compared, so that weekends do not look like falls.
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
    """The figures far from the median (of their season), most extreme first; none where there are too few to judge.

    Far: more than 3.5 robust standard deviations, taken from the median absolute deviation.
    """
    if len(values) < MIN_FOR_OUTLIERS:
        return ()
    typical: dict[int, Decimal] = {}
    for members in _by_season(positions, season):
        typical |= dict.fromkeys(members, median([values[i] for i in members]))
    distances = [abs(value - typical[index]) for index, value in enumerate(values)]
    spread = median(distances)
    if spread == 0:
        return ()  # more than half are the same figure: every other one would count as extreme
    far = [index for index, distance in enumerate(distances) if MAD_TO_SIGMA * distance > Z_OF_OUTLIER * spread]
    return tuple(Outlier(index, typical[index]) for index in sorted(far, key=lambda index: (-distances[index], index)))


def _by_season(positions: Sequence[int], season: int) -> list[list[int]]:
    """Indices of ``positions`` that are whole seasons apart."""
    members: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        members.setdefault(position % season, []).append(index)
    return list(members.values())


def _score(values: Iterable[Decimal]) -> int:
    """Kendall's S: pairs that rise less pairs that fall."""
    score, earlier = 0, list[Decimal]()
    for value in values:
        score += bisect_left(earlier, value) - (len(earlier) - bisect_right(earlier, value))
        insort(earlier, value)
    return score


def _variance(values: Sequence[Decimal]) -> Decimal:
    """Of S if there were no trend, with the correction for equal figures."""

    def term(n: int) -> int:
        return n * (n - 1) * (2 * n + 5)

    return Decimal(term(len(values)) - sum(term(ties) for ties in Counter(values).values())) / 18
