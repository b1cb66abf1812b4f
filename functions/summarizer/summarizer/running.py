"""Running totals: figures that accumulate from a start, like revenue year to date or all customers ever.

Such a figure can only grow until it starts again, so neither its rise nor its restart is news. A running total that
starts again is compared with the same period a year before, which covers the same part of the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from summarizer import names
from summarizer.periods import Grouping, Span
from summarizer.series import Aggregation, Point, Series

MIN_RISES = 3  # within years; with fewer, figures alone do not prove a running total


@dataclass(frozen=True)
class RunningTotal:
    """``starts_again`` is true if the name says so or the figures show it, ``inferred`` if only the figures show it.

    ``falls`` are the periods whose figure is below the one before and that are no restart.
    """

    starts_again: bool
    inferred: bool
    falls: tuple[date, ...]


def running_total(series: Series, span: Span) -> RunningTotal | None:
    """The running total of ``series``; None unless its name says so, or it starts again at every new year."""
    if series.aggregation is not Aggregation.LAST:
        return None
    if names.is_month_to_date(series.kpi) and span.grouping is Grouping.MONTH:
        return None  # the last month-to-date figure of a month is the figure of that month
    steps = list(pairwise(series.points))
    restarts = [step for step in steps if _is_restart(step, span.grouping)]
    if names.is_running_total(series.kpi):
        falls = tuple(b.period for a, b in steps if b.value < a.value and (a, b) not in restarts)
        return RunningTotal(names.starts_again(series.kpi) or bool(restarts), inferred=False, falls=falls)
    if _starts_again_every_year(steps, span.grouping):
        return RunningTotal(starts_again=True, inferred=True, falls=())
    return None


def year_apart(series: Series, span: Span) -> tuple[Point, ...]:
    """The point of the same period a year before, and the last whole period's; empty if one of them is missing."""
    points = {point.period: point for point in series.points}
    whole = [period for period in points if span.grouping.end_of(period) <= span.end]
    if not whole:
        return ()
    before = span.grouping.year_before(max(whole))
    return (points[before], points[max(whole)]) if before in points else ()


def _starts_again_every_year(steps: Sequence[tuple[Point, Point]], grouping: Grouping) -> bool:
    """Whether the figure falls to less than half at every turn of a year, and never within a year."""
    turns = [step for step in steps if _is_turn_of_year(step, grouping)]
    within = [step for step in steps if not _is_turn_of_year(step, grouping)]
    return (
        bool(turns)
        and all(_halves(step) for step in turns)
        and all(before.value <= after.value for before, after in within)
        and sum(before.value < after.value for before, after in within) >= MIN_RISES
    )


def _is_restart(step: tuple[Point, Point], grouping: Grouping) -> bool:
    before, after = step
    return _halves(step) or (after.value < before.value and _is_turn_of_year(step, grouping))


def _halves(step: tuple[Point, Point]) -> bool:
    before, after = step
    return before.value > 0 and after.value * 2 < before.value


def _is_turn_of_year(step: tuple[Point, Point], grouping: Grouping) -> bool:
    """Whether the step ends in a later year. The last day counts: a week of December may end in January."""
    before, after = (grouping.end_of(point.period).year for point in step)
    return before < after
