"""From a file to the page: questions that got a false or an incomplete sentence, each with the right one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.kpi_goals import import_goals
from tests.integration.kpi.conftest import PageOfOwn
from tests.unit.summarizer.parsed_page import cells, headline, prose, section

QUARTER = ("2025-01-01", "2025-03-31", "month")
COVERS = "What the figures cover"


def test_an_average_of_averages_is_right_once_its_weight_is_declared(own_page: PageOfOwn) -> None:
    plain = own_page("average-of-averages", ["margin", "revenue"], *QUARTER)
    assert cells(plain, "Margin")["Mar 2025"] == "30%"
    assert "Unweighted, because no weight is declared: Margin." in section(plain, COVERS)
    weighted = own_page(["Acme,,Margin,percent,avg,,,,,,Revenue,,"], ["margin", "revenue"], *QUARTER)
    assert cells(weighted, "Margin")["Mar 2025"] == "10.40%"
    assert "nweighted" not in prose(weighted)
    assert headline(weighted) == "Margin and Revenue did not change from Jan 2025 to Mar 2025."


# --- departments that are behind ------------------------------------------------------------------------------------


def daily(
    department: str,
    first: str,
    last: str,
    value: Any = 100,
    metric: str = "Sales,EUR,sum",
    closed: Sequence[int] = (),
    company: str = "Acme",
) -> list[str]:
    """The same number for each day, without the weekdays on which the department is closed."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(days=at) for at in range((end - start).days + 1))
    return [f"{company},{department},{metric},{day},{value}" for day in days if day.weekday() not in closed]


@pytest.mark.parametrize(
    ("last", "told"), [("2025-03-30", "30 Mar"), ("2025-03-25", "25 Mar"), ("2025-03-05", "5 Mar")]
)
def test_a_department_that_is_behind_is_named_with_its_last_day_and_not_compared(
    own_page: PageOfOwn, last: str, told: str
) -> None:
    lines = [*daily("South", "2025-01-01", "2025-03-31"), *daily("North", "2025-01-01", last)]
    page = own_page(lines, ["Sales"], *QUARTER)
    assert headline(page) == "Sales per day did not change from Feb 2025 to Mar 2025, without North."
    assert f"North has data until {told} 2025, not compared: Sales." in section(page, COVERS)


def test_a_department_that_is_closed_at_weekends_is_not_behind_on_a_sunday(own_page: PageOfOwn) -> None:
    lines = [
        *daily("Shop", "2025-01-01", "2025-03-30"), *daily("Office", "2025-01-01", "2025-03-28", closed=(5, 6)),
    ]  # fmt: skip
    page = own_page(lines, ["Sales"], *QUARTER)
    assert "Office has" not in page
    assert "without" not in headline(page)


def test_a_level_of_a_department_that_is_behind_is_told_with_its_day(own_page: PageOfOwn) -> None:
    stock = "Stock,pieces,last"
    lines = [
        *daily("South", "2025-01-01", "2025-03-31", metric=stock),
        *daily("North", "2025-01-01", "2025-03-26", metric=stock),
    ]
    assert "North has data until 26 Mar 2025: Stock." in section(own_page(lines, ["Stock"], *QUARTER), COVERS)


def test_a_department_without_the_last_month_of_a_quarter_is_behind(own_page: PageOfOwn) -> None:
    lines = [
        f"Acme,{department},Sales,EUR,sum,2025-{month:02}-01,100"
        for department, months in (("North", 5), ("South", 6))
        for month in range(1, months + 1)
    ]
    page = own_page(lines, ["Sales"], "2025-01-01", "2025-06-30", "quarter")
    assert headline(page) == "Sales did not change from Q1 2025 to Q2 2025, without North."
    assert "North has data until 31 May 2025, not compared: Sales." in section(page, COVERS)


def test_what_a_department_that_is_behind_lacks_is_not_held_against_a_plan_or_a_goal(own_page: PageOfOwn) -> None:
    lines = [
        *daily("South", "2025-01-01", "2025-03-31"), *daily("North", "2025-01-01", "2025-03-25"),
        *(
            f"Acme,South,Sales budget,EUR,sum,2025-0{month}-01,{days * 190}"
            for month, days in ((1, 31), (2, 28), (3, 31))
        ),
    ]  # fmt: skip
    page = own_page(lines, ["Sales", "Sales budget"], *QUARTER)
    assert cells(page, "Sales")["Against plan"] == "+€590 (+5.3%)"  # of January and February
    assert "over plan (€11,800 against €11,210), Jan 2025 to Feb 2025" in headline(page)


def test_a_department_that_begins_in_the_first_period_is_named_with_its_first_day(own_page: PageOfOwn) -> None:
    lines = [*daily("South", "2025-01-01", "2025-03-31"), *daily("North", "2025-01-05", "2025-03-31")]
    page = own_page(lines, ["Sales"], *QUARTER)
    assert headline(page) == "Sales per day did not change from Feb 2025 to Mar 2025."
    assert "North has data from 5 Jan 2025, not compared: Sales." in section(page, COVERS)


# --- numbers of a month asked by year or in total -------------------------------------------------------------------


def monthly(
    metric: str, first: str, values: Sequence[Any], department: str = "All", company: str = "Acme"
) -> list[str]:
    """Numbers for the first day of each month from ``first`` (2025-01) on; ``metric`` is name, unit and aggregation."""
    year, month = map(int, first.split("-"))
    days = [f"{year + (month - 1 + at) // 12}-{(month - 1 + at) % 12 + 1:02}-01" for at in range(len(values))]
    return [
        f"{company},{department},{metric},{day},{value}"
        for day, value in zip(days, values, strict=True)
        if value is not None
    ]


TO_DATE = [sum(range(1, month + 1)) * 10 for month in range(1, 13)]
RUNNING = monthly("Sales year to date,EUR,last", "2024-01", [*TO_DATE, *(2 * value for value in TO_DATE[:5])])


@pytest.mark.parametrize(
    ("start", "end", "grouping", "right"),
    [
        (
            "2024-01-01",
            "2025-12-31",
            "year",
            "Sales year to date rose 100.0% (€150 to €300) in May 2025 against May 2024.",
        ),
        (
            "2025-01-01",
            "2025-05-31",
            "total",
            "Sales year to date rose 100.0% (€150 to €300) in May 2025 against May 2024.",
        ),
        (
            "2024-10-01",
            "2025-05-31",
            "total",
            "Sales year to date came to €300 in the whole range (as of 31 May 2025).",
        ),
    ],
)
def test_a_running_total_is_one_by_year_and_in_total_too(
    own_page: PageOfOwn, start: str, end: str, grouping: str, right: str
) -> None:
    assert headline(own_page(RUNNING, ["Sales year to date"], start, end, grouping)) == right


def test_an_unfinished_year_of_months_says_how_far_it_goes_and_is_compared_once(own_page: PageOfOwn) -> None:
    lines = monthly("Sales,EUR,sum", "2024-01", [100] * 12 + [110] * 5)
    page = own_page(lines, ["Sales"], "2024-01-01", "2025-12-31", "year")
    assert "2025 is partial (151 of 365 days): Sales." in section(page, COVERS)
    assert headline(page) == "Sales rose 10.0% (€500 to €550) in Jan–May 2025 against Jan–May 2024."
    assert section(page, "Findings") == []


def test_events_of_a_department_leave_its_months_whole(own_page: PageOfOwn) -> None:
    """The departments together have events on most days, and one of them has a few."""
    lines = [*daily("North", "2025-01-01", "2025-04-30", 3, "Returns,returns,sum")]
    lines += [
        f"Acme,South,Returns,returns,sum,{day},1" for day in ("2025-01-06", "2025-02-12", "2025-03-09", "2025-04-20")
    ]
    page = own_page(lines, ["Returns"], "2025-01-01", "2025-04-30", "month", breakdown="department")
    assert "partial" not in page


# --- what is comparable ---------------------------------------------------------------------------------------------


def test_a_month_with_fewer_working_days_is_no_fall(own_page: PageOfOwn) -> None:
    """January 2025 has 23 working days, February 20, March 21."""
    page = own_page(daily("All", "2025-01-01", "2025-03-31", closed=(5, 6)), ["Sales"], *QUARTER)
    assert headline(page) == "Sales per day did not change from Jan 2025 to Mar 2025."
    assert cells(page, "Sales")["Mar 2025 vs Feb 2025"] == "0.0% (daily average)"


def test_a_year_to_date_with_29_february_is_no_rise(own_page: PageOfOwn) -> None:
    page = own_page(daily("All", "2023-01-01", "2024-03-31"), ["Sales"], "2024-01-01", "2024-03-31", "month")
    assert cells(page, "Sales")["Year to date"] == "€9,100 (0.0%, daily average)"


def test_periods_without_a_common_department_are_not_compared(own_page: PageOfOwn) -> None:
    lines = [*daily("Old", "2025-01-01", "2025-02-28"), *daily("New", "2025-03-01", "2025-03-31", 120)]
    page = own_page(lines, ["Sales"], *QUARTER)
    assert headline(page) == "Sales per day did not change from Jan 2025 to Feb 2025."
    assert "No department reported Sales in all of Feb 2025 and Mar 2025: not compared." in section(page, COVERS)


def test_a_plan_of_quarters_is_compared_with_quarters(own_page: PageOfOwn) -> None:
    plan = [f"Acme,All,Sales plan,EUR,sum,{day},300" for day in ("2024-07-01", "2024-10-01", "2025-01-01")]
    page = own_page([*monthly("Sales,EUR,sum", "2025-01", [90, 95, 99]), *plan], ["Sales", "Sales plan"], *QUARTER)
    assert headline(page).startswith("Sales came in €16 (5.3%) under plan")
    assert cells(page, "Sales")["Against plan"] == "-€16 (-5.3%)"


def test_a_plan_without_actuals_is_told_as_what_it_is(own_page: PageOfOwn) -> None:
    lines = [*monthly("Sales plan,EUR,sum", "2025-01", [100] * 3), *monthly("Sales,EUR,sum", "2024-01", [90, 95])]
    page = own_page(lines, ["Sales", "Sales plan"], *QUARTER)
    assert headline(page) == "Sales plan did not change from Jan 2025 to Mar 2025."
    assert "No figures for Sales." in section(page, COVERS)


def test_a_range_that_cuts_the_periods_of_the_numbers_says_so(own_page: PageOfOwn) -> None:
    page = own_page(
        monthly("Sales,EUR,sum", "2025-01", [100, 110, 120]), ["Sales"], "2025-01-15", "2025-03-10", "month"
    )
    covers = section(page, COVERS)
    assert "The numbers of Jan 2025 lie outside the range, not counted: Sales." in covers
    assert "Counted whole, also beyond the range: Mar 2025 of Sales." in covers


def test_a_range_of_seven_months_is_no_range_of_quarters(own_page: PageOfOwn) -> None:
    lines = [f"Acme,All,Sales,EUR,sum,{2024 + at // 4}-{at % 4 * 3 + 1:02}-01,100" for at in range(8)]
    page = own_page(lines, ["Sales"], "2025-02-01", "2025-08-31", "month")
    assert headline(page) == "Sales did not change from Q2 2025 to Q3 2025."
    assert not any(" vs " in head and "–" in head for head in cells(page, "Sales"))
    assert cells(page, "Sales")["Year to date"] == "€200 (0.0%)"


def test_a_total_says_how_many_days_it_has(own_page: PageOfOwn) -> None:
    page = own_page(daily("All", "2025-01-20", "2025-03-31"), ["Sales"], "2025-01-01", "2025-03-31", "total")
    assert "The whole range is partial (71 of 90 days): Sales, not compared." in section(page, COVERS)


def test_a_level_in_the_middle_of_its_last_month_says_its_day(own_page: PageOfOwn) -> None:
    page = own_page(daily("All", "2025-01-01", "2025-03-10", metric="Stock,pieces,last"), ["Stock"], *QUARTER)
    assert "The newest Stock is of 10 Mar 2025." in section(page, COVERS)


def test_single_events_are_compared_as_counted(own_page: PageOfOwn) -> None:
    days = ["2025-02-11", "2025-03-02", "2025-03-09", "2025-04-20", "2025-05-05", "2025-05-30"]
    lines = [f"Acme,All,Accidents,accidents,sum,{day},1" for day in days]
    page = own_page(lines, ["Accidents"], "2025-02-01", "2025-05-31", "month")
    assert headline(page) == "Accidents rose 100.0% (1 to 2) from Feb 2025 to May 2025."


def test_two_currencies_of_two_companies_stay_apart_in_a_breakdown(own_page: PageOfOwn) -> None:
    lines = monthly("Sales,EUR,sum", "2025-01", [100, 110, 120])
    lines += monthly("Sales,USD,sum", "2025-01", [200, 190, 180], company="Inc")
    page = own_page(lines, ["Sales"], *QUARTER, breakdown="company")
    assert headline(page) == "Sales (EUR) (Acme) rose 20.0% and Sales (USD) (Inc) fell 10.0% from Jan 2025 to Mar 2025."
    assert page.count("| Sales") == 2


def test_a_goal_is_told_by_the_last_day_with_data(own_page: PageOfOwn, database_url: str, tmp_path: Path) -> None:
    own_page(daily("All", "2025-01-01", "2025-03-10"), ["Sales"], *QUARTER)
    goals = tmp_path / "goals.csv"
    goals.write_text("company,metric,start,end,direction,target\nAcme,Sales,2025-Q1,2025-Q1,at_least,9000\n")
    import_goals(database_url, goals, "own")
    page = own_page(["Acme,All,Sales,EUR,sum,2025-03-10,100"], ["Sales"], *QUARTER)
    assert "**Sales** came to €6,900 by 10 Mar 2025, 76.7% of Acme's goal of at least €9,000." in page


def test_an_outlier_in_the_middle_is_in_the_headline_of_what_did_not_change(own_page: PageOfOwn) -> None:
    page = own_page(monthly("Sales,EUR,sum", "2025-01", [100, 10_000, 100]), ["Sales"], *QUARTER)
    assert headline(page) == "Sales stood out in Feb 2025 and did not change from Jan 2025 to Mar 2025."
    assert section(page, "Findings") == [
        "**Sales** stood out in Feb 2025: €10,000, 100 times €100, the median of the others."
    ]


def test_a_week_in_which_a_department_stopped_does_not_stand_out(own_page: PageOfOwn) -> None:
    lines = [*daily("South", "2025-01-06", "2025-03-31"), *daily("North", "2025-01-06", "2025-03-24", 300)]
    page = own_page(lines, ["Sales"], "2025-02-10", "2025-03-31", "week")
    assert "stood out" not in page
    assert "No Sales of North since the week of 2025-03-31." in section(page, COVERS)


def test_what_is_true_of_all_kpis_is_said_in_english(own_page: PageOfOwn) -> None:
    lines = [
        line
        for metric in ("Sales,EUR,sum", "Orders,orders,sum")
        for line in (
            *monthly(metric, "2025-01", [5, 5, 5], "South"), *monthly(metric, "2025-01", [5, 5, None], "North"),
        )
    ]  # fmt: skip
    assert "No figures of North since Mar 2025." in section(own_page(lines, ["Sales", "Orders"], *QUARTER), COVERS)


# --- holes ----------------------------------------------------------------------------------------------------------


def test_a_quarter_without_one_of_its_months_is_no_fall(own_page: PageOfOwn) -> None:
    lines = monthly("Sales,EUR,sum", "2025-01", [100, 100, 100, 100, None, 100])
    page = own_page(lines, ["Sales"], "2025-01-01", "2025-06-30", "quarter")
    assert headline(page) == "Sales came to €200 in Q2 2025."
    assert "Q2 2025 is partial (2 of 3 months): Sales, not compared." in section(page, COVERS)


def test_a_range_and_a_year_to_date_with_a_missing_month_are_not_compared(own_page: PageOfOwn) -> None:
    page = own_page(monthly("Sales,EUR,sum", "2024-01", [100] * 12 + [90, None, 100]), ["Sales"], *QUARTER)
    assert headline(page) == "Sales did not change on the year (Mar 2025 against Mar 2024)."
    assert set(cells(page, "Sales")) == {
        "KPI", "Jan 2025", "Mar 2025", "Jan 2025 vs Dec 2024", "Mar 2025 vs Mar 2024", "Total",
    }  # fmt: skip


def test_a_month_without_two_weeks_of_days_is_partial(own_page: PageOfOwn) -> None:
    lines = [*daily("All", "2025-01-01", "2025-02-08"), *daily("All", "2025-02-22", "2025-03-31")]
    page = own_page(lines, ["Sales"], *QUARTER)
    assert "Feb 2025 is partial (15 of 28 days): Sales, not compared." in section(page, COVERS)
    assert "+86.7%" not in page


def test_a_department_without_two_weeks_of_days_does_not_count(own_page: PageOfOwn) -> None:
    lines = [
        *daily("A", "2025-01-01", "2025-03-31"),
        *daily("B", "2025-01-01", "2025-02-05"), *daily("B", "2025-02-25", "2025-03-31"),
    ]  # fmt: skip
    page = own_page(lines, ["Sales"], *QUARTER)
    assert headline(page) == "Sales per day did not change from Feb 2025 to Mar 2025, without B."
    assert "B reported only a part of Feb 2025, not compared: Sales." in section(page, COVERS)


def test_the_turn_of_the_year_is_no_hole(own_page: PageOfOwn) -> None:
    lines = [*daily("All", "2024-10-01", "2024-12-23"), *daily("All", "2025-01-03", "2025-03-31")]
    page = own_page(lines, ["Sales"], "2024-10-01", "2025-03-31", "month")
    assert "partial" not in page


def test_a_goal_has_all_its_digits(own_page: PageOfOwn, database_url: str, tmp_path: Path) -> None:
    goals = tmp_path / "goals.csv"
    goals.write_text("company,metric,start,end,direction,target\nAcme,Churn,2025-Q1,2025-Q1,at_most,2.5%\n")
    lines = monthly("Churn,percent,avg", "2025-01", [2, 3, 4])
    own_page(lines, ["Churn"], *QUARTER)
    import_goals(database_url, goals, "own")
    assert headline(own_page(lines, ["Churn"], *QUARTER)).startswith("Churn missed Acme's goal of at most 2.5% with 3%")


def test_a_short_headline_still_says_which_departments_it_leaves_out(own_page: PageOfOwn) -> None:
    names = [f"Sales of a long name {letter}" for letter in "ABCDE"]
    lines = [
        line
        for name in names
        for line in (*monthly(f"{name},EUR,sum", "2025-01", [5, 5, 6], "South"),
                     *monthly(f"{name},EUR,sum", "2025-01", [90, 90, None], "North"))
    ]  # fmt: skip
    text = headline(own_page(lines, names, *QUARTER))
    assert text.endswith("; above all, Sales of a long name A per day rose 8.4%, without North."), text


def test_departments_may_date_the_numbers_of_a_month_on_different_days(own_page: PageOfOwn) -> None:
    lines = [*monthly("Sales,EUR,sum", "2025-01", [100] * 3, "A"), "Acme,B,Sales,EUR,sum,2025-03-15,40"]
    page = own_page(lines, ["Sales"], *QUARTER)
    assert headline(page) == "Sales did not change from Feb 2025 to Mar 2025, without B."
    assert "B joined in Mar 2025: Sales." in section(page, COVERS)


def test_a_month_without_one_of_its_weeks_is_partial(own_page: PageOfOwn) -> None:
    weeks = [date(2025, 1, 6) + timedelta(weeks=at) for at in range(16) if at != 6]
    lines = [f"Acme,All,Sales,EUR,sum,{day},700" for day in weeks]
    page = own_page(lines, ["Sales"], "2025-02-01", "2025-03-31", "month")
    assert "Feb 2025 is partial (3 of 4 weeks): Sales, not compared." in section(page, COVERS)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [("2025-02-01", "2025-03-31", "from 1 Feb"), ("2024-10-01", "2025-01-31", "until 31 Jan")],
)
def test_who_came_or_went_inside_a_total_is_told_once(own_page: PageOfOwn, first: str, last: str, told: str) -> None:
    lines = [*daily("A", "2024-10-01", "2025-03-31"), *daily("B", first, last, 900)]
    page = own_page(lines, ["Sales"], "2025-01-01", "2025-03-31", "total")
    assert [line for line in section(page, COVERS) if line.startswith("B ")] == [
        f"B has data {told} 2025, not compared: Sales."
    ]


def test_a_change_that_is_the_same_per_day_is_told_as_recorded(own_page: PageOfOwn) -> None:
    page = own_page(
        monthly("Sales,EUR,sum", "2025-01", [10_000] + [100] * 8), ["Sales"], "2025-01-01", "2025-09-30", "month"
    )
    assert headline(page) == "Sales fell 99.0% (€10,000 to €100) from Jan 2025 to Sep 2025."


def test_a_week_of_monthly_numbers_says_how_they_are_recorded(own_page: PageOfOwn) -> None:
    page = own_page(monthly("Sales,EUR,sum", "2025-01", [100] * 3), ["Sales"], "2025-02-10", "2025-02-16", "week")
    assert "- Whether the dates are a whole month: Sales is recorded by month." in page
