"""Readings: the movement of one KPI over the span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from summarizer import measures
from summarizer.measures import Change
from summarizer.periods import Grouping, Span
from summarizer.prose import is_slight
from summarizer.ratios import Overall, overall
from summarizer.running import RunningTotal, running_total, year_apart
from summarizer.series import Aggregation, Point, Series

MIN_FOR_WEEKDAYS = 28  # days: four of each weekday
MIN_OUTLIER = Decimal("0.1")  # of the typical figure; a smaller distance is no news
MIN_FOR_TREND_FIRST = 8  # periods; with more, a trend says more than the first and the last figure


class Basis(StrEnum):
    """The kind of the one figure that stands for a series."""

    TOTAL = "total"
    AVERAGE = "average"
    OVERALL = "overall"  # of a ratio: computed from the totals of its parts
    LATEST = "latest"


@dataclass(frozen=True)
class TrendReading:
    """``rise`` is the trend's change from the first to the last compared period, in the series' unit."""

    direction: int
    rise: Decimal
    average: Decimal


@dataclass(frozen=True)
class OutlierReading:
    """A figure far from the typical figure of its kind of period."""

    point: Point
    typical: Decimal


@dataclass(frozen=True)
class Reading:
    """One series and all results about it.

    ``compared`` are its points. For a total, they are without partial periods; for a running total that starts again,
    they are the last point and that of a year before. ``by_weekday`` is true if days are compared by weekday.
    """

    series: Series
    span: Span
    figure: Decimal
    basis: Basis
    compared: tuple[Point, ...]
    trend: TrendReading | None
    outliers: tuple[OutlierReading, ...]
    by_weekday: bool
    overall: Overall | None
    running: RunningTotal | None

    @property
    def first(self) -> Point:
        return self.compared[0]

    @property
    def last(self) -> Point:
        return self.compared[-1]

    @property
    def change(self) -> Change | None:
        """From the first to the last compared period."""
        return Change(self.first.value, self.last.value) if len(self.compared) > 1 else None

    @property
    def latest_change(self) -> Change | None:
        """From the last period but one to the last; None if that is the same as ``change``."""
        return Change(self.compared[-2].value, self.last.value) if len(self.compared) > 2 else None

    @property
    def week_before(self) -> Point | None:
        """The point a week before the last day, if days are compared by weekday."""
        wanted = self.last.period - timedelta(days=7)
        return next((p for p in self.compared if p.period == wanted), None) if self.by_weekday else None

    @cached_property
    def best(self) -> Point | None:
        """The earliest of the best periods; None if all figures are equal."""
        return self._extreme(highest=not self.series.lower_is_better)

    @cached_property
    def worst(self) -> Point | None:
        return self._extreme(highest=self.series.lower_is_better)

    @property
    def tells_trend(self) -> bool:
        """Whether the page names the trend first. It does not for a level, whose last figure matters most."""
        return self.series.aggregation is not Aggregation.LAST and len(self.compared) >= MIN_FOR_TREND_FIRST

    @property
    def can_only_grow(self) -> bool:
        """Whether this is a running total that never starts again, so its rise is neither good nor bad news."""
        return self.running is not None and not self.running.starts_again

    @property
    def is_clear(self) -> bool:
        """Whether the movement is statistically significant."""
        return self.movement != 0 and self.trend is not None and self.trend.direction == self.movement

    @cached_property
    def movement(self) -> int:
        """1 up, -1 down, 0 neither: by the trend or, with few periods, by the visible change from first to last."""
        if self.can_only_grow:
            return 0
        if self.tells_trend:
            return self.trend.direction if self.trend else 0
        return 0 if self.change is None or is_slight(self.change, self.series.style) else self.change.direction

    @property
    def verdict(self) -> int:
        """1 if the movement is for the better, -1 for the worse, 0 if there is none."""
        return -self.movement if self.series.lower_is_better else self.movement

    @cached_property
    def weight(self) -> Decimal:
        """The size of the movement as a share of the largest figure. It ranks the movements of several series."""
        size = max((abs(point.value) for point in self.compared), default=Decimal(0))
        if self.tells_trend:
            moved = self.trend.rise if self.trend else Decimal(0)
        else:
            moved = self.change.difference if self.change else Decimal(0)
        return abs(moved) / size if size else Decimal(0)

    def _extreme(self, *, highest: bool) -> Point | None:
        values = [point.value for point in self.compared]
        if self.running or not values or min(values) == max(values):
            return None
        wanted = max(values) if highest else min(values)
        return next(point for point in self.compared if point.value == wanted)


def read(series: Series, everything: Sequence[Series], span: Span) -> Reading:
    """The reading of ``series``. Partial periods count in a total but are not compared with whole ones."""
    running = running_total(series, span)
    compared = _compared(series, span, running)
    values = [point.value for point in compared]
    positions = [span.positions[point.period] for point in compared]
    by_weekday = span.grouping is Grouping.DAY and len(compared) >= MIN_FOR_WEEKDAYS and not running
    season = 7 if by_weekday else 1
    trend = None if running else measures.trend(values, positions, season)
    outliers = () if running else measures.outliers(values, positions, season)
    whole = overall(series, everything)
    figure, basis = _figure(series, whole)
    return Reading(
        series=series,
        span=span,
        figure=figure,
        basis=basis,
        compared=compared,
        trend=None
        if trend is None
        else TrendReading(trend.direction, trend.slope * (positions[-1] - positions[0]), measures.mean(values)),
        outliers=tuple(
            OutlierReading(compared[outlier.index], outlier.typical)
            for outlier in outliers
            if abs(values[outlier.index] - outlier.typical) >= MIN_OUTLIER * abs(outlier.typical)
        ),
        by_weekday=by_weekday,
        overall=whole,
        running=running,
    )


def _compared(series: Series, span: Span, running: RunningTotal | None) -> tuple[Point, ...]:
    if running and running.starts_again:
        return year_apart(series, span)
    if series.aggregation is Aggregation.SUM:
        return tuple(point for point in series.points if point.period not in span.partial)
    return series.points


def _figure(series: Series, whole: Overall | None) -> tuple[Decimal, Basis]:
    if series.aggregation is Aggregation.SUM:
        return sum(series.values, Decimal(0)), Basis.TOTAL
    if series.aggregation is Aggregation.LAST:
        return series.values[-1], Basis.LATEST
    return (whole.value, Basis.OVERALL) if whole else (measures.mean(series.values), Basis.AVERAGE)
