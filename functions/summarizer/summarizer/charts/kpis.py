"""The charts of a request: one for each KPI that is no plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from summarizer import names
from summarizer.beside import ByKpi, Goal, To
from summarizer.charts.drawing import Chart, Slot, draw
from summarizer.deriving.plans import is_plan_of
from summarizer.judging import Judgement
from summarizer.markup import plain
from summarizer.periods import Grouping
from summarizer.series import Series

MAX_CHARTS = 25
MAX_SLOTS = 400  # the newest periods
MAX_FILE_NAME = 60


@dataclass(frozen=True)
class Drawn:
    """A chart: the name of its KPI, the name of its file, its title and its SVG."""

    kpi: str
    file: str
    title: str
    svg: str

    @property
    def link(self) -> str:
        """The chart as an image of a page."""
        return f"![{plain(self.kpi)}]({self.file})"


def draw_charts(judgements: Sequence[Judgement], goals: ByKpi[Goal], about: str) -> tuple[Drawn, ...]:
    """A chart for each of up to 25 KPIs. ``about`` is the range, the grouping and the scope, for the titles."""
    drawn: list[Drawn] = []
    plans = [one.series for one in judgements if one.series.is_plan]
    for judgement in [one for one in judgements if not one.series.is_plan][:MAX_CHARTS]:
        series = judgement.series
        title = f"{series.name}, {about}"
        plan = next((one for one in plans if is_plan_of(one, series)), None)
        slots = tuple(_slots(judgement, plan, goals))[-MAX_SLOTS:]
        chart = Chart(title, series.style, slots, series.additive, plan.name if plan else "goal")
        drawn.append(Drawn(series.name, _file(series.name, [one.file for one in drawn]), title, draw(chart)))
    return tuple(drawn)


def _slots(judgement: Judgement, plan: Series | None, goals: ByKpi[Goal]) -> Iterator[Slot]:
    series = judgement.series
    points = {point.period: point.value for point in series.points}
    for period in _periods(series):
        before = _year_before(judgement, period)
        planned = plan.by_period.get(period) if plan else None
        target = planned.value if planned else None if plan else _goal(series, period, goals)
        is_partial = period in judgement.partial or period in judgement.incomplete
        yield Slot(series.step.label(period), points.get(period), is_partial, before, target)


def _year_before(judgement: Judgement, period: date) -> Decimal | None:
    """The figure of the year before; beside a partial period, that of the same part."""
    series = judgement.series
    if series.step in (Grouping.DAY, Grouping.TOTAL):
        return None
    if period in judgement.partial:
        compared = (one for one in judgement.comparisons if one.to is To.YEAR_BEFORE and one.period == period)
        return next((one.before for one in compared), None)
    held = series.by_period.get(series.step.year_before(period))
    return held.value if held and held.period not in judgement.partial else None


def _periods(series: Series) -> list[date]:
    """All periods from the first figure of the range to its last, also those without one."""
    period, last = series.points[0].period, series.points[-1].period
    periods = [period]
    while period < last:
        period = series.step.after(period)
        periods.append(period)
    return periods


def _goal(series: Series, period: date, goals: ByKpi[Goal]) -> Decimal | None:
    """The goal of a period. A goal for a longer time is no target of one period, if the figure adds up."""
    end = series.step.end_of(period)
    for goal in goals.of(series.kpi, series.name):
        alike = (goal.start, goal.end) == (period, end)
        if alike or (not series.additive and goal.start <= period and end <= goal.end):
            return goal.target
    return None


def _file(kpi: str, taken: Sequence[str]) -> str:
    """A file name of small letters, digits and dashes: ``average-order-value.svg``."""
    stem = "-".join(re.findall(r"[a-z0-9]+", names.key(kpi)))[:MAX_FILE_NAME].strip("-") or "kpi"
    name, number = f"{stem}.svg", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.svg"
    return name
