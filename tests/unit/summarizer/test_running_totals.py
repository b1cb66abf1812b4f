"""Running totals, such as revenue year to date or all customers ever. They only grow, so growth is no news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import accumulate
from typing import Any

import pytest

from baton.agents.contract import Deliverable
from tests.unit.summarizer.test_summary import cells, days, headline, section

Rows = Callable[..., list[dict[str, Any]]]
Summary = Callable[..., Deliverable]

SEVENTEEN_MONTHS = {"startDate": "2025-01-01", "endDate": "2026-05-31"}


def months(first: str, figures: list[Any]) -> dict[str, Any]:
    start = date.fromisoformat(first)
    count = start.year * 12 + start.month - 1
    return {f"{(count + i) // 12}-{(count + i) % 12 + 1:02}-01": str(figure) for i, figure in enumerate(figures)}


def to_date(per_month: list[int]) -> dict[str, Any]:
    """Running totals that start again every January, from January 2025 on."""
    years = [per_month[:12], per_month[12:]]
    return months("2025-01-01", [figure for year in years for figure in accumulate(year)])


REVENUE = to_date([100] * 12 + [120] * 5)


def test_a_year_to_date_is_compared_with_the_same_month_a_year_before(rows: Rows, summary: Summary) -> None:
    content = summary(rows("Revenue year to date", "USD", "last", REVENUE), **SEVENTEEN_MONTHS).content

    assert headline(content) == "Revenue year to date rose 20.0% from May 2025 to May 2026."
    assert cells(content, "Revenue year to date") == ["$600 latest", "$500", "$600", "+20.0%", "–", "–"]
    assert "fell" not in content
    assert "Jan 2026" not in content
    assert "compared with the same month a year before, and with nothing else" in content


def test_the_restart_of_a_year_to_date_is_no_fall(rows: Rows, summary: Summary) -> None:
    figures = {period: value for period, value in REVENUE.items() if "2025-11" <= period <= "2026-02-01"}
    content = summary(rows("revenue_ytd", "USD", "last", figures), startDate="2025-11-01", endDate="2026-02-28").content

    assert headline(content) == "Revenue YTD ended at $240 in Feb 2026."
    assert section(content, "What to look at next") == ["Nothing in these figures calls for action."]
    assert section(content, "What happened") == [
        "**Revenue YTD** ended at $240 in Feb 2026; the same month a year before is not there to compare."
    ]


def test_within_one_year_a_year_to_date_has_nothing_to_be_compared_with(rows: Rows, summary: Summary) -> None:
    figures = {period: value for period, value in REVENUE.items() if period < "2025-10"}
    content = summary(rows("Revenue YTD", "USD", "last", figures), startDate="2025-01-01", endDate="2025-09-30").content

    assert cells(content, "Revenue YTD") == ["$900 latest", *["–"] * 5]
    assert "rose" not in content


def test_a_year_to_date_below_the_year_before_is_in_the_advice(rows: Rows, summary: Summary) -> None:
    figures = to_date([100] * 12 + [80] * 5)
    content = summary(rows("Revenue year to date", "USD", "last", figures), **SEVENTEEN_MONTHS).content

    assert section(content, "What to look at next") == [
        "Find out why Revenue year to date fell from May 2025 to May 2026."
    ]


def test_the_unfinished_last_month_of_a_year_to_date_is_not_compared_with_a_whole_one(
    rows: Rows, summary: Summary
) -> None:
    content = summary(
        rows("Revenue year to date", "USD", "last", REVENUE), startDate="2025-01-01", endDate="2026-05-10"
    ).content

    assert headline(content) == "Revenue year to date rose 20.0% from Apr 2025 to Apr 2026."
    assert cells(content, "Revenue year to date")[0] == "$600 latest"


def test_a_name_is_not_needed_where_the_figures_start_again_every_year(rows: Rows, summary: Summary) -> None:
    content = summary(rows("Umsatz kumuliert", "EUR", "last", REVENUE), **SEVENTEEN_MONTHS).content

    assert headline(content) == "Umsatz kumuliert rose 20.0% from May 2025 to May 2026."
    assert "because it falls at the turn of a year and never within one" in content


@pytest.mark.parametrize(
    "figures",
    [
        months("2025-01-01", [*range(100, 112), 95, 96, 97, 98, 99]),
        months("2025-01-01", [*range(100, 106), 90, *range(107, 112), 40, 41, 42, 43, 44]),
        months("2025-12-01", [100, 40]),
    ],
    ids=["a small fall", "it also falls within a year", "too few figures"],
)
def test_a_level_that_falls_in_january_may_just_have_fallen(
    figures: dict[str, Any], rows: Rows, summary: Summary
) -> None:
    content = summary(rows("headcount", "people", "last", figures), **SEVENTEEN_MONTHS).content

    assert "running total" not in content
    assert "Headcount fell" in headline(content)


def test_a_running_total_without_restart_is_neither_better_nor_in_per_cent(rows: Rows, summary: Summary) -> None:
    figures = months("2025-01-01", list(range(95, 1795, 100)))
    content = summary(rows("Customers to date", "customers", "last", figures), **SEVENTEEN_MONTHS).content

    assert headline(content) == "Customers to date ended at 1,695 in May 2026."
    assert cells(content, "Customers to date") == ["1,695 latest", "95", "1,695", "+1,600", "–", "–"]
    assert section(content, "What happened") == [
        "**Customers to date** ended at 1,695 in May 2026, 1,600 more than in Jan 2025."
    ]
    assert section(content, "What to look at next") == ["Nothing in these figures calls for action."]


def test_a_note_names_a_running_total_that_falls(rows: Rows, summary: Summary) -> None:
    figures = months("2025-01-01", [10, 20, 30, 28, 40])
    content = summary(rows("Customers to date", "customers", "last", figures), **SEVENTEEN_MONTHS).content

    assert "Customers to date is a running total and yet falls: Apr 2025." in content


def test_running_totals_are_counted_apart_in_the_headline(rows: Rows, summary: Summary) -> None:
    shared: list[dict[str, Any]] = []
    for kpi in ("sales", "orders", "visits"):
        shared += rows(kpi, "count", "sum", months("2025-01-01", [5, 9, 7, 2, 8, 3, 9, 4, 6]))
    content = summary(
        shared + rows("Customers to date", "customers", "last", months("2025-01-01", list(range(9)))),
        startDate="2025-01-01",
        endDate="2025-09-30",
    ).content

    assert headline(content) == "Of 4 KPIs, 3 show no clear movement and 1 is a running total."


def test_a_year_to_date_by_day_is_compared_with_the_same_day_a_year_before(rows: Rows, summary: Summary) -> None:
    figures = {**days("2025-03-01", [50, 60]), **days("2026-03-01", [55, 63])}
    content = summary(
        rows("Sales YTD", "USD", "last", figures), grouping="day", startDate="2025-03-01", endDate="2026-03-02"
    ).content

    assert headline(content) == "Sales YTD rose 5.0% from 2025-03-02 to 2026-03-02."
