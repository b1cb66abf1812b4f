"""How a series is recorded, inferred from its dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supabase_agent import recording
from supabase_agent.periods import Span
from supabase_agent.recording import Recording
from supabase_agent.series import Series

SUM = Series("Orders", "orders", "sum", ("1",))
LEVEL = Series("Balance", "EUR", "last", ("1",))
YEAR = Span(date(2024, 1, 1), date(2024, 12, 31))


def dates(**facts: Any) -> dict[str, Any]:
    """The dates of a month of daily numbers, with some facts changed."""
    usual = {
        "first_day": "2024-01-01", "last_day": "2024-12-31", "days": 366, "shortest_gap": 1, "median_gap": 1,
        "usual_gap": 1, "month_spread": 30, "weekday_spread": 6,
        "departments": 1, **{f"day{one}": 52 for one in range(1, 8)},
    }  # fmt: skip
    return {**usual, "dates": facts.get("days", 366), **facts}


def found(series: Series = SUM, grouping: str = "month", **facts: Any) -> Recording:
    return recording._recording(series, dates(**facts), grouping)


@pytest.mark.parametrize(
    ("facts", "grain"),
    [
        ({}, "day"),
        ({"days": 52, "shortest_gap": 7, "weekday_spread": 0}, "week"),
        ({"days": 40, "shortest_gap": 7}, "day"),  # events at least a week apart, on any weekday
        ({"days": 12, "shortest_gap": 28, "month_spread": 0}, "month"),
        ({"days": 12, "shortest_gap": 28, "month_spread": 3}, "month"),  # dated the last day
        ({"days": 9, "shortest_gap": 28}, "day"),  # events at least a month apart, on any day
        ({"days": 4, "shortest_gap": 90, "month_spread": 0}, "quarter"),
        ({"days": 3, "shortest_gap": 365, "month_spread": 0}, "year"),
        ({"days": 2, "shortest_gap": None}, "day"),  # each department has one number
        ({"days": 1, "shortest_gap": None}, "month"),  # one number: as the question groups
    ],
)
def test_the_grain_is_inferred_from_the_dates(facts: dict[str, Any], grain: str) -> None:
    one = found(**facts)
    assert (one.grain, one.is_inferred) == (grain, True)


def test_a_declared_grain_is_taken() -> None:
    one = found(Series("Orders", "orders", "sum", ("1",), grain="quarter"), days=12, shortest_gap=28, month_spread=0)
    assert (one.grain, one.is_inferred) == ("quarter", False)


@pytest.mark.parametrize(
    ("series", "facts", "is_sparse"),
    [
        (SUM, {"days": 40, "median_gap": 9}, True),
        (LEVEL, {"days": 40, "median_gap": 9}, False),  # a level has gaps
        (SUM, {"days": 250, "median_gap": 1}, False),  # weekdays
        (SUM, {"days": 62, "median_gap": 1}, False),  # two months of days, and nothing between them
        (SUM, {"days": 2, "median_gap": 60}, False),
        (SUM, {"days": 12, "median_gap": 30, "shortest_gap": 28, "month_spread": 0}, False),
    ],
)
def test_a_count_of_single_events_is_sparse(series: Series, facts: dict[str, Any], is_sparse: bool) -> None:
    assert found(series, **facts).is_sparse is is_sparse


@pytest.mark.parametrize(
    ("facts", "weekdays"),
    [
        ({}, 7),
        ({"day6": 0, "day7": 0}, 5),
        ({"day6": 40, "day7": 2}, 6),  # two Sundays in a year are an exception
        ({"day6": 0, "day7": 0, "days": 40, "median_gap": 9}, 7),  # single events
    ],
)
def test_weekdays_without_data_are_no_days_of_a_period(facts: dict[str, Any], weekdays: int) -> None:
    one = found(**facts)
    assert len(one.weekdays) == weekdays
    assert one.days_in(span((1, 1), (1, 28))) == 4 * weekdays
    assert one.days_in(span((1, 6), (1, 7))) == (1 if weekdays == 6 else 2)  # a Saturday and a Sunday


DAILY = Recording("day", True, date(2024, 1, 15), date(2024, 10, 9))
WEEKDAYS = Recording("day", True, date(2024, 1, 1), date(2024, 3, 29), usual_gap=3)
QUARTERLY = Recording("quarter", True, date(2024, 1, 1), date(2024, 7, 1))


def span(first: tuple[int, int], last: tuple[int, int]) -> Span:
    return Span(date(2024, *first), date(2024, *last))


@pytest.mark.parametrize(
    ("one", "days", "available"),
    [
        (DAILY, span((2, 1), (2, 29)), span((2, 1), (2, 29))),
        (DAILY, span((10, 1), (10, 31)), span((10, 1), (10, 9))),  # unfinished
        (DAILY, span((1, 1), (1, 31)), span((1, 15), (1, 31))),  # began in the middle
        (DAILY, span((11, 1), (11, 30)), None),
        (WEEKDAYS, span((3, 1), (3, 31)), span((3, 1), (3, 31))),  # ends on a Friday, before a weekend
        (WEEKDAYS, span((1, 1), (6, 30)), span((1, 1), (3, 29))),
        (QUARTERLY, YEAR, span((1, 1), (9, 30))),  # a number stands for its whole quarter
        (Recording("day", True), YEAR, None),
    ],
)
def test_the_part_with_data_is_known(one: Recording, days: Span, available: Span | None) -> None:
    assert one.available(days) == available


def test_a_few_closed_days_inside_a_series_make_no_period_partial() -> None:
    shop = Recording("day", True, date(2023, 1, 1), date(2024, 12, 31), usual_gap=2)
    december = Span(date(2023, 12, 1), date(2023, 12, 31))
    assert shop.available(december, date(2023, 12, 1), date(2023, 12, 23)) == december
    assert shop.available(december, date(2023, 12, 1), date(2023, 12, 15)) == Span(december.first, date(2023, 12, 15))
