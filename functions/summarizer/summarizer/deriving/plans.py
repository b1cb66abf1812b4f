"""Facts about goals and plans: attainment, and the variance in money and in per cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from summarizer import names
from summarizer.beside import ByKpi, Goal
from summarizer.comparing import same_departments
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.numbers import percent, quotient, sign
from summarizer.periods import Grouping, Span
from summarizer.series import Point, Series

MAX_INPUTS = 60  # periods of a derivation


def goal_facts(judgement: Judgement, goals: ByKpi[Goal], others: Sequence[Judgement]) -> Iterator[Fact]:
    """One fact for each goal that has a figure: of the company's own series if there is one, else of the whole."""
    series = judgement.series
    for goal in goals.of(series.kpi, series.name):
        has_own = any((one.series.kpi, one.series.part) == (series.kpi, (goal.company,)) for one in others)
        if goal.value is not None and series.part == ((goal.company,) if has_own else ()):
            yield _goal(series, goal, goal.value)


def _goal(series: Series, goal: Goal, value: Decimal) -> Fact:
    unit = series.unit.text
    difference = value - goal.target
    met = difference >= 0 if goal.at_least else difference <= 0
    values = {
        "value": Quantity(value, unit),
        "target": Quantity(goal.target, unit),
        "difference": Quantity(difference, "percentage points" if series.unit.in_points else unit),
    }
    share = percent(value, goal.target)
    if share is not None:
        values["percent"] = Quantity(share, "percent")
    if goal.days is not None and goal.days_with_data is not None:
        values |= {
            "days": Quantity(Decimal(goal.days), "days"),
            "daysWithData": Quantity(Decimal(goal.days_with_data), "days"),
        }
    unfinished = goal.complete is False
    if goal.complete is None and series.additive and goal.days is not None and goal.days_with_data is not None:
        unfinished = goal.days_with_data < goal.days
    is_open = unfinished and not (series.additive and met is goal.at_least)
    verdict = None if is_open else 1 if met else -1
    return Fact(
        Kind.GOAL,
        f"{'atLeast' if goal.at_least else 'atMost'}{'SoFar' if unfinished else ''}",
        series.name,
        values,
        {"from": goal.start, "to": goal.end, **({"valueTo": goal.value_to} if unfinished and goal.value_to else {})},
        {"company": (goal.company,)} if goal.company else {},
        Derivation(
            "attainment = value / target × 100, if target > 0; difference = value - target",
            {"value": values["value"], "target": values["target"]},
        ),
        direction=sign(difference),
        verdict=verdict,
        money=difference if series.unit.is_money and verdict is not None else None,
        surprise=quotient(abs(difference), abs(goal.target)) if goal.target else Decimal(0),
    )


def plan_facts(judgement: Judgement, everything: Sequence[Judgement]) -> Iterator[Fact]:
    """The variance of a KPI to each metric that is its plan, over the whole periods that both have."""
    series = judgement.series
    for other in everything:
        plan = other.series
        if not is_plan_of(plan, series):
            continue
        both = _both(judgement, plan)
        if both:
            step = max(series.step, plan.step, key=lambda one: one.length)
            yield _variance(judgement, plan, step, both if series.additive else both[-1:])


def _both(judgement: Judgement, plan: Series) -> list[tuple[Point, Point]]:
    """The figures of the whole periods that both have. Of sums, a plan of a quarter is compared with three months."""
    series = judgement.series
    left_out = judgement.incomplete | (frozenset() if series.is_level else judgement.partial)
    actual = [point for point in series.points if point.period not in left_out]
    planned = list(plan.points)
    if series.step is not plan.step:
        if not (series.additive and plan.additive):
            return []
        longer = max(series.step, plan.step, key=lambda step: step.length)
        actual, planned = _in_step(actual, series.step, longer), _in_step(planned, plan.step, longer)
    by_period = {point.period: point for point in planned}
    both = [(point, by_period[point.period]) for point in actual if point.period in by_period]
    return [
        (point, other)
        for point, other in both
        if same_departments(point, other) or (_is_usual(point, series) and _is_usual(other, plan))
    ]


def _in_step(points: Sequence[Point], step: Grouping, longer: Grouping) -> list[Point]:
    """The sums of longer periods of which all shorter ones have a figure."""
    found: dict[date, list[Point]] = {}
    for point in points:
        found.setdefault(longer.start_of(point.period), []).append(point)
    return [
        Point(period, sum((one.value for one in some), Decimal(0)), some[-1].covers)
        for period, some in found.items()
        if [one.period for one in some] == list(Span(step, period, longer.end_of(period)).periods)
    ]


def _is_usual(point: Point, series: Series) -> bool:
    """Whether as many departments reported the figure as most of the series. A plan may be of the company alone."""
    counts = Counter(one.covers.departments for one in series.points if one.covers)
    return point.covers is None or point.covers.departments == counts.most_common(1)[0][0]


def is_plan_of(plan: Series, series: Series) -> bool:
    """Whether the metric of the series ``plan`` is the plan of ``series``."""
    label = plan.metric.plan_of
    meant = label is not None and names.key(label) in (names.key(series.kpi), names.key(series.name))
    return meant and plan.unit == series.unit and plan.part == series.part


def _variance(judgement: Judgement, plan: Series, step: Grouping, both: Sequence[tuple[Point, Point]]) -> Fact:
    series, unit = judgement.series, judgement.series.unit.text
    value = sum((point.value for point, _ in both), Decimal(0))
    planned = sum((point.value for _, point in both), Decimal(0))
    difference = value - planned
    share = percent(difference, planned)
    values = {
        "value": Quantity(value, unit),
        "plan": Quantity(planned, unit),
        "difference": Quantity(difference, "percentage points" if series.unit.in_points else unit),
        "periods": Quantity(Decimal(len(both)), "periods"),
    }
    if share is not None:
        values["percent"] = Quantity(share, "percent")
    good = judgement.direction_of_good
    periods: list[date] = [point.period for point, _ in both]
    return Fact(
        Kind.PLAN,
        "variance",
        series.name,
        values,
        {"from": periods[0], "period": periods[-1], "lastDay": step.end_of(periods[-1])},
        {"plan": (plan.name,)},
        Derivation(
            "difference = value - plan, each the sum of its figures; percent = difference / plan × 100, if plan > 0",
            {
                f"{one.name}, {step.label(p.period)}": Quantity(p.value, unit)
                for index, one in enumerate((series, plan))
                for p in (pair[index] for pair in both[:MAX_INPUTS])
            },
            ("whole periods that both have",),
        ),
        direction=sign(difference),
        verdict=None if good is None else good * sign(difference),
        money=difference if series.unit.is_money else None,
        surprise=quotient(abs(difference), abs(planned)) if planned else Decimal(0),
    )
