"""Anomalies: figures far from the others of their series, also in short series and in those that never move.

A figure is compared with the median of the others. Its distance counts in robust standard deviations (median absolute
deviation × 1.4826), which are at least a twentieth of that median, so that a series without any spread has one.

* From eight figures on, 3.5 deviations are far. Of four to seven figures, 10 are far; of three, three times (or a
  third of) each of the others. Where the others are mostly zero, three times the largest of them.
* Days are compared with the same weekday, from four weeks on. A series that is judged by the year before is compared by
  its change on the year, so that a season is none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from summarizer.beside import To
from summarizer.comparing import WEEK, days_recorded
from summarizer.judging import Judgement
from summarizer.numbers import median, quotient
from summarizer.periods import Grouping
from summarizer.series import Point

MIN_FIGURES = 3
FEW, MANY = 4, 8
FAR, FAR_OF_FEW = Decimal("3.5"), Decimal(10)
SIGMA = Decimal("1.4826")
FLOOR = Decimal("0.05")
TIMES = 3
MIN_WEEKS = 4
WITH_ITSELF = 40  # figures, from which on a figure is compared with all and not with the others
MAX_FIGURES = 4_000  # the newest ones of a series


@dataclass(frozen=True)
class Anomaly:
    """``value`` of ``period`` is far from ``typical``, the median of the others. ``deviations`` is how far.

    With ``on_year`` both are factors: the figure as a part of that of the year before.
    """

    period: date
    value: Decimal
    typical: Decimal
    deviations: Decimal
    on_year: bool
    others: int


@dataclass(frozen=True)
class Looked:
    """The result of looking at a series: how many figures were looked at, and what is far, the farthest first."""

    figures: int
    anomalies: tuple[Anomaly, ...]


def look(judgement: Judgement) -> Looked:
    """Look at the whole figures of the asked range, beside those of the time before."""
    series = judgement.series
    if judgement.is_running_total or series.is_plan:
        return Looked(0, ())
    on_year = bool(judgement.seasons_known)
    points = _factors(judgement) if on_year else _figures(judgement)
    asked = {point.period for point in series.points}
    looked = [point for point in points if point.period in asked]
    groups = _groups(points, series.step)
    found = [one for point in looked if (one := _anomaly(point, groups, on_year=on_year))]
    return Looked(len(looked), tuple(sorted(found, key=lambda one: (-one.deviations, one.period))))


def _figures(judgement: Judgement) -> list[Point]:
    """The figures of whole periods; additive ones per day, if they have a grain of days or weeks."""
    series = judgement.series
    partial = frozenset() if series.is_level else judgement.partial
    left_out = partial | judgement.incomplete
    points = [point for point in series.everything if point.period not in left_out]
    points = _of_the_usual_departments(points)
    by_days = series.metric.grain in (Grouping.DAY, Grouping.WEEK)
    if series.additive and by_days and series.step not in (Grouping.DAY, Grouping.WEEK):
        points = [Point(p.period, quotient(p.value, days_recorded(series, p))) for p in points]
    return points[-MAX_FIGURES:]


def _of_the_usual_departments(points: Sequence[Point]) -> list[Point]:
    """The figures of as many departments as most figures have; all figures if their numbers are not known."""
    counts = Counter(point.covers.departments for point in points if point.covers)
    usual = max(counts, key=lambda number: (counts[number], number or 0), default=None)
    return [point for point in points if usual is None or (point.covers and point.covers.departments == usual)]


def _factors(judgement: Judgement) -> list[Point]:
    """The figures as parts of those of the year before."""
    found = [one for one in judgement.comparisons if one.to is To.YEAR_BEFORE and one.whole]
    return [Point(one.period, one.factor) for one in found if one.factor is not None][-MAX_FIGURES:]


def _anomaly(point: Point, groups: Sequence[_Group], *, on_year: bool) -> Anomaly | None:
    group = groups[point.period.weekday() % len(groups)]
    figures = len(group.values)
    if figures < MIN_FIGURES:
        return None
    typical, spread, others = group.without(point.value)
    distance = abs(point.value - typical)
    if not distance:
        return None
    spread = max(SIGMA * spread, FLOOR * abs(typical))
    if spread and figures >= FEW:
        deviations = quotient(distance, spread)
        far = deviations > (FAR if figures >= MANY else FAR_OF_FEW)
    else:
        deviations, far = _by_times(point.value, others)
    return Anomaly(point.period, point.value, typical, deviations, on_year, figures - 1) if far else None


class _Group:
    """Figures that are compared with each other: all of a series, or those of one weekday."""

    def __init__(self, values: Sequence[Decimal]) -> None:
        self.values = sorted(values)
        self._of_all = _middle(self.values) if len(values) >= WITH_ITSELF else None

    def without(self, value: Decimal) -> tuple[Decimal, Decimal, Sequence[Decimal]]:
        """The median of the others, their median absolute deviation, and the others. A large group counts the figure
        itself, which hardly moves a median.
        """
        if self._of_all:
            return *self._of_all, self.values
        at = bisect_left(self.values, value)
        others = [*self.values[:at], *self.values[at + 1 :]]
        return *_middle(others), others


def _middle(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    middle = median(values)
    return middle, median([abs(value - middle) for value in values])


def _groups(points: Sequence[Point], step: Grouping) -> list[_Group]:
    """All figures; of days, from four weeks on, seven groups by weekday."""
    if step is not Grouping.DAY or len(points) < MIN_WEEKS * WEEK:
        return [_Group([point.value for point in points])]
    return [_Group([p.value for p in points if p.period.weekday() == weekday]) for weekday in range(WEEK)]


def _by_times(value: Decimal, others: Sequence[Decimal]) -> tuple[Decimal, bool]:
    """How often as large as the largest of the others, or how often as small as the smallest; far from three on."""
    held = list(others)
    if value in held and len(held) >= WITH_ITSELF:
        held.remove(value)
    largest, smallest = max(map(abs, held)), min(map(abs, held))
    if not largest:
        return Decimal(TIMES), len(held) + 1 >= FEW
    if len(held) + 1 < FEW and largest >= TIMES * smallest:
        return Decimal(0), False  # the others are not alike
    above = quotient(abs(value), largest)
    below = quotient(smallest, abs(value)) if value and smallest else Decimal(0)
    times = max(above, below)
    return times, times >= TIMES
