"""Questions that once got a false answer, each with the right one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from summarizer.brief import write_brief
from tests.unit.summarizer.kpi_data import daily, lines, monthly, question
from tests.unit.summarizer.parsed_page import cells, headline, prose, section

YEAR = (8, 8.2, 9, 9.5, 10, 10.5, 10, 9.8, 11, 13, 16, 20)


def page(context: dict[str, Any]) -> str:
    return write_brief(context).page.content


def test_a_month_to_date_is_compared_with_the_same_days_and_a_short_month_per_day() -> None:
    content = page(question(daily("Revenue", "2025-01-01", "2025-03-10"), "2025-01-01", "2025-03-31"))
    assert headline(content) == "Revenue per day did not change from Jan 2025 to Feb 2025."
    assert section(content, "Findings") == ["**Revenue** did not change in 1–10 Mar 2025 against 1–10 Feb 2025."]
    assert "Mar 2025 is partial (10 of 31 days): Revenue." in section(content, "What the figures cover")
    assert "67.7" not in content


def test_an_average_of_averages_is_called_unweighted() -> None:
    table = monthly("Margin", "2025-01", [30, 30, 30], "percent", "avg")
    assert "Unweighted, because no weight is declared: Margin." in page(question(table, "2025-01-01", "2025-03-31"))


def test_a_department_that_did_not_report_is_no_fall() -> None:
    north = {"2025-01-31": 1000, "2025-02-28": 1010, "2025-03-31": 1020, "2025-04-30": 1030}
    south = {"2025-01-31": 2000, "2025-02-28": 2020, "2025-04-30": 2040}
    table = lines("Balance", "EUR", "last", north, "North") + lines("Balance", "EUR", "last", south, "South")
    content = page(question(table, "2025-01-01", "2025-04-30"))
    assert headline(content) == "Balance rose 1.0% (€1,020 to €1,030) from Mar 2025 to Apr 2025, without South."
    assert "No Balance of South: Mar 2025." in section(content, "What the figures cover")
    for wrong in ("66.3", "201.0", "stood out"):
        assert wrong not in content


def test_newcomers_are_told_apart() -> None:
    table = daily("Sales", "2025-01-01", "2025-02-28", 100, "North") + daily(
        "Sales", "2025-02-01", "2025-02-28", 900, "East"
    )
    content = page(question(table, "2025-01-01", "2025-02-28"))
    assert headline(content) == "Sales per day did not change from Jan 2025 to Feb 2025, without East."
    assert "East joined in Feb 2025: Sales." in section(content, "What the figures cover")


def test_the_spellings_of_a_unit_are_one_currency() -> None:
    rows = [
        {"kpi": "Revenue", "unit": unit, "aggregation": "sum", "period": f"2025-0{month}-01", "value": value}
        for month in (1, 2, 3) for unit, value in (("USD", 100), ("usd", 200), ("$", 300))
    ]  # fmt: skip
    content = page({"queryResults": rows, "grouping": "month", "startDate": "2025-01-01", "endDate": "2025-03-31"})
    assert cells(content, "Revenue")["Mar 2025"] == "$600"
    assert content.count("| Revenue") == 1


def test_two_currencies_are_never_added() -> None:
    table = monthly("Revenue", "2025-01", [1, 2]) + monthly("Costs", "2025-01", [3, 4], "EUR")
    assert "Amounts in USD and EUR are never added." in page(question(table, "2025-01-01", "2025-02-28"))


@pytest.mark.parametrize("said", [True, False])
def test_quarters_are_told_as_quarters(said: bool) -> None:
    quarters = {f"{2023 + at // 4}-{at % 4 * 3 + 1:02}-01": 100 + 10 * at for at in range(8)}
    context = question(lines("Revenue", "USD", "sum", quarters), "2023-01-01", "2024-12-31")
    if not said:
        context = {key: context[key] for key in ("queryResults", "grouping", "startDate", "endDate")}
    content = page(context)
    assert headline(content) == "Revenue rose 30.8% ($130 to $170) on the year (Q4 2024 against Q4 2023)."
    assert cells(content, "Revenue")["Q4 2024 vs Q3 2024"] == "+6.3%"
    assert "No figures" not in content
    assert f"Recorded by quarter{'' if said else ' (inferred)'}: Revenue." in content


def test_a_missing_month_is_named_and_never_zero() -> None:
    table = [one for one in monthly("Revenue", "2025-01", [100] * 6) if one.day.month != 4]
    content = page(question(table, "2025-01-01", "2025-06-30"))
    assert "No figures for Revenue: Apr 2025." in section(content, "What the figures cover")
    assert cells(content, "Revenue")["Apr 2025"] == "–" if "Apr 2025" in content.split("\n\n")[2] else True
    assert headline(content) == "Revenue did not change from Jan 2025 to Jun 2025."


@pytest.mark.parametrize("flat", [2, 3, 4, 8, 30])
def test_a_hundred_times_the_others_always_stands_out(flat: int) -> None:
    content = page(question(monthly("Revenue", "2023-01", [100] * flat + [10_000]), "2023-01-01", "2025-12-31"))
    assert any("100 times" in line for line in [headline(content), *section(content, "Findings")])
    assert "stand out" in content or "stands out" in content


@pytest.mark.parametrize("name", ["Time to resolve", "Bounce rate", "Tickets sold", "Costs", "Churn", "Revenue"])
def test_without_a_direction_there_is_no_verdict(name: str) -> None:
    table = [one for at in range(4) for one in monthly(f"{name} {at}", "2025-01", [100, 120, 150], "count")]
    content = page(question(table, "2025-01-01", "2025-03-31"))
    assert headline(content).startswith("All 4 KPIs rose from first to last whole period; above all, ")
    for word in ("better", "worse", "best", "worst", "improved"):
        assert word not in content


def test_with_a_direction_the_page_counts_better_and_worse() -> None:
    table = [one for name in "ABCD" for one in monthly(name, "2025-01", [100, 120, 150], "count", "last")]
    metrics = {"A": {"direction": "up"}, "B": {"direction": "down"}, "C": {"direction": "down"}}
    content = page(question(table, "2025-01-01", "2025-03-31", metrics=metrics))
    assert "(1 better and 2 worse)" in headline(content)


@pytest.mark.parametrize(("orders", "verdict"), [(130, "none"), (110, "worse")])
def test_cancellations_that_grow_less_than_orders_are_not_worse(orders: int, verdict: str) -> None:
    table = monthly("Cancellations", "2025-01", [50, 60], "count") + monthly(
        "Orders", "2025-01", [100, orders], "orders"
    )
    table += monthly("Staff", "2025-01", [5, 5], "people", "last") + monthly(
        "Desks", "2025-01", [5, 5], "count", "last"
    )
    content = page(question(table, "2025-01-01", "2025-02-28", metrics={"Cancellations": {"direction": "down"}}))
    assert ("(1 worse)" in content) == (verdict == "worse")


@pytest.mark.parametrize("growth", ["1.1", "0.9"])
def test_with_two_years_a_season_is_no_news(growth: str) -> None:
    first = [round(8000 * month, 2) for month in YEAR]
    second = [round(value * float(growth), 2) for value in first]
    content = page(question(monthly("Sales", "2024-01", [*first, *second]), "2024-01-01", "2025-12-31"))
    did = "rose" if growth == "1.1" else "fell"
    assert headline(content).startswith(f"Sales {did} 10.0% (")
    assert headline(content).endswith(" on the year (Dec 2025 against Dec 2024).")
    assert section(content, "Findings") == []
    assert "None of 12 figures looked at stands out." in content


def test_the_years_before_the_asked_range_count_too() -> None:
    sales = [round(8000 * month * factor) for factor in (1, 1.1) for month in YEAR]
    content = page(question(monthly("Sales", "2024-01", sales), "2025-10-01", "2025-12-31"))
    assert "Sales rose 10.0%" in headline(content)
    assert "on the year" in headline(content)


def test_with_less_than_two_years_the_page_says_that_it_cannot_tell() -> None:
    content = page(question(monthly("Sales", "2024-02", [100] * 23), "2025-10-01", "2025-12-31"))
    assert "Without two whole years, seasons cannot be told from changes: Sales." in content


def test_the_variance_to_a_plan_is_in_money_and_per_cent() -> None:
    table = monthly("Revenue", "2025-01", range(100, 106)) + monthly("Budget revenue", "2025-01", range(110, 122, 2))
    table += monthly("Costs", "2025-01", range(70, 76)) + monthly("Budget costs", "2025-01", range(60, 72, 2))
    plans = {"Budget revenue": {"planOf": "Revenue"}, "Budget costs": {"planOf": "Costs"}}
    content = page(question(table, "2025-01-01", "2025-06-30", metrics=plans))
    assert "Revenue came in $75 (10.9%) under plan ($615 against $690)" in headline(content)
    assert "Costs came in $45 (11.5%) over plan ($435 against $390)" in headline(content)
    assert "Budget" not in prose(content)


def test_a_partial_month_is_not_held_against_a_whole_plan() -> None:
    table = daily("Revenue", "2025-01-01", "2025-03-10", 10) + monthly("Budget", "2025-01", [310, 280, 310])
    content = page(question(table, "2025-01-01", "2025-03-31", metrics={"Budget": {"planOf": "Revenue"}}))
    assert "Revenue came in on plan ($590), Jan 2025 to Feb 2025" in headline(content)


def test_a_plan_of_zero_or_less_has_no_percentage() -> None:
    table = monthly("Result", "2025-01", [-50, -60]) + monthly("Budget", "2025-01", [-40, -40])
    content = page(question(table, "2025-01-01", "2025-02-28", metrics={"Budget": {"planOf": "Result"}}))
    assert "Result came in at -$110 against a plan of -$80 (-$30)" in headline(content)
    assert cells(content, "Result")["Against plan"] == "-$30"


def test_small_rates_have_enough_digits() -> None:
    table = monthly("Fraud rate", "2025-01", ["0.002", "0.003", "0.004", "0.006"], "percent", "avg")
    content = page(question(table, "2025-01-01", "2025-04-30"))
    assert headline(content) == "Fraud rate tripled (0.002% to 0.006%) from Jan 2025 to Apr 2025."


@pytest.mark.parametrize("direction", [None, "down"])
def test_costs_with_a_minus_are_no_alarm(direction: str | None) -> None:
    table = monthly("Revenue", "2025-01", range(100, 160, 10)) + monthly("Materials", "2025-01", range(-40, -64, -4))
    content = page(question(table, "2025-01-01", "2025-06-30", metrics={"Materials": {"direction": direction}}))
    assert headline(content) == ("Revenue rose 50.0% and Materials changed by -$20 to -$60 from Jan 2025 to Jun 2025.")
    for word in ("below zero", "better", "worse"):
        assert word not in content


def test_a_figure_is_rounded_once() -> None:
    table = monthly("Logo churn rate", "2024-11", ["0.05774962742175857", "0.0699"], "ratio", "avg")
    content = page(question(table, "2024-11-01", "2024-12-31"))
    assert cells(content, "Logo churn rate")["Nov 2024"] == "5.77%"
    score = page(
        question(monthly("Score", "2025-01", ["0.125", "0.375", "2.675"], "points", "avg"), "2025-01-01", "2025-03-31")
    )
    assert [cells(score, "Score")[f"{month} 2025"] for month in ("Jan", "Feb", "Mar")] == ["0.13", "0.38", "2.68"]


def test_a_base_of_zero_or_less_has_no_percentage() -> None:
    def about(*values: Any) -> str:
        return headline(page(question(monthly("Profit", "2025-01", values), "2025-01-01", f"2025-0{len(values)}-28")))

    assert about(-100, 50) == "Profit swung from -$100 to $50 from Jan 2025 to Feb 2025."
    assert about(0, 500) == "Profit rose from zero to $500 from Jan 2025 to Feb 2025."
    assert about(-500, -700) == "Profit changed by -$200 to -$700 from Jan 2025 to Feb 2025."


def test_weeks_are_iso_weeks_also_over_the_new_year() -> None:
    days = {
        (date(2024, 12, 23) + timedelta(days=at)).isoformat(): value
        for at, value in enumerate([10] * 7 + [12] * 6 + [13] + [19] * 7)
    }
    content = page(question(lines("Revenue", "USD", "sum", days), "2024-12-23", "2025-01-12", "week"))
    row = cells(content, "Revenue")
    assert [row[f"Week of {day}"] for day in ("2024-12-23", "2024-12-30", "2025-01-06")] == ["$70", "$85", "$133"]


def test_a_leap_day_is_no_rise() -> None:
    content = page(question(daily("Revenue", "2023-01-01", "2024-02-29"), "2024-02-01", "2024-02-29"))
    assert cells(content, "Revenue")["Feb 2024 vs Feb 2023"] == "0.0% (daily average)"


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ((3100, 2800), "0.0% (daily average)"),
        ((100, 100), "0.0%"),
        ((3100, 2000), "-28.6% (daily average)"),
        ((100, 120), "+20.0%"),
    ],
)
def test_figures_of_a_month_change_no_more_than_both_bases_show(values: tuple[int, int], change: str) -> None:
    content = page(question(monthly("Revenue", "2025-01", values), "2025-01-01", "2025-02-28"))
    assert cells(content, "Revenue")["Feb 2025 vs Jan 2025"] == change


def test_a_stale_level_says_its_date() -> None:
    table = daily("Sales", "2025-01-01", "2025-02-28") + lines(
        "Stock", "units", "last", {f"2025-01-{d:02}": d for d in range(1, 20)}
    )
    content = page(question(table, "2025-01-01", "2025-02-28"))
    assert "The newest Stock is of 19 Jan 2025." in section(content, "What the figures cover")


def test_a_running_total_is_compared_with_the_year_before_alone() -> None:
    totals = [sum(range(1, month + 1)) for month in range(1, 13)] + [2 * month for month in (1, 2, 3)]
    content = page(
        question(monthly("Sales year to date", "2024-01", totals, aggregation="last"), "2025-01-01", "2025-03-31")
    )
    assert headline(content) == "Sales year to date did not change on the year (Mar 2025 against Mar 2024)."
    assert "Mar 2025 vs Feb 2025" not in content


def test_the_drivers_of_a_change_are_told_in_money() -> None:
    table = daily("Sales", "2025-01-01", "2025-01-31", 100, "North") + daily(
        "Sales", "2025-02-01", "2025-02-28", 140, "North"
    )
    table += daily("Sales", "2025-01-01", "2025-02-28", 50, "South") + daily(
        "Sales", "2025-01-01", "2025-01-31", 30, "West"
    )
    table += daily("Sales", "2025-02-01", "2025-02-28", 20, "West")
    content = page(question(table, "2025-01-01", "2025-02-28"))
    assert section(content, "Drivers") == [
        "**Sales** per day, Jan 2025 to Feb 2025, by department: North +$40, West -$10 and South $0."
    ]


def test_days_are_compared_by_weeks() -> None:
    week = [100, 100, 100, 100, 100, 20, 20]
    days = {(date(2025, 3, 3) + timedelta(days=at)).isoformat(): week[at % 7] * (1 + (at >= 21)) for at in range(28)}
    content = page(question(lines("Sales", "USD", "sum", days), "2025-03-03", "2025-03-30", "day"))
    assert (
        headline(content)
        == "Sales rose 100.0% ($540 to $1,080) in the 7 days to 2025-03-30, against the 7 days before."
    )


def test_rows_alone_are_compared_where_the_dates_prove_them_whole() -> None:
    rows = [
        {"kpi": "Revenue", "unit": "USD", "aggregation": "sum", "period": f"2025-0{month}-01", "value": value}
        for month, value in ((1, 100), (2, 110), (3, 20))
    ]
    dates = {"startDate": "2025-01-01", "endDate": "2025-03-10"}
    content = page({"queryResults": rows, "grouping": "month", **dates})
    assert headline(content) == "Revenue rose 10.0% ($100 to $110) from Jan 2025 to Feb 2025."
    assert "Mar 2025 is partial (10 of 31 days): Revenue, not compared." in content


def test_a_goal_of_a_period_that_is_not_over_is_not_missed() -> None:
    goal = {
        "kpi": "Revenue",
        "company": "Acme",
        "from": "2025-01-01",
        "to": "2025-12-31",
        "direction": "at_least",
        "target": 1000,
    }
    table = daily("Revenue", "2025-01-01", "2025-03-31", 10)
    so_far = {**goal, "value": 900, "days": 365, "daysWithData": 90}
    content = page(question(table, "2025-01-01", "2025-03-31", goals=[so_far]))
    assert "$900 so far, 90.0% of Acme's goal of at least $1,000 for 2025" in content
    assert "missed" not in content
    over = {**goal, "to": "2025-03-31", "value": 900, "days": 90, "daysWithData": 90}
    assert headline(page(question(table, "2025-01-01", "2025-03-31", goals=[over]))) == (
        "Revenue missed Acme's goal of at least $1,000 with $900 and did not change from Jan 2025 to Mar 2025."
    )


def test_what_all_kpis_compare_stands_once_in_the_headline() -> None:
    table = daily("Revenue", "2025-01-01", "2025-01-31", 100) + daily("Revenue", "2025-02-01", "2025-02-28", 110)
    table += monthly("Staff", "2025-01", [10, 12], "people", "last")
    content = page(question(table, "2025-01-01", "2025-02-28"))
    assert headline(content) == "Revenue per day rose 10.0% and Staff rose 20.0% from Jan 2025 to Feb 2025."


def test_plans_are_not_counted_in_the_title() -> None:
    table = monthly("Revenue", "2025-01", [100, 110]) + monthly("Budget", "2025-01", [120, 120])
    content = page(question(table, "2025-01-01", "2025-02-28", metrics={"Budget": {"planOf": "Revenue"}}))
    assert content.startswith("# Revenue against plan, Jan 2025 to Feb 2025, by month\n")


@pytest.mark.parametrize("weekday", range(7))
def test_a_constant_weekly_number_is_the_same_in_every_month(weekday: int) -> None:
    """May 2025 has five Thursdays and four Mondays; the numbers of a week stand for seven days each."""
    first = date(2025, 1, 6) + timedelta(days=weekday)
    weeks = {(first + timedelta(weeks=at)).isoformat(): 7 for at in range(24)}
    asked = question(lines("Leavers", "people", "sum", weeks), "2025-02-01", "2025-05-31")
    content = page({key: value for key, value in asked.items() if "omparisons" not in key})
    assert headline(content).startswith("Leavers did not change") or headline(content).startswith(
        "Leavers per day did not change"
    )
    assert not any(change in "".join(cells(content, "Leavers").values()) for change in "+×")


def test_a_department_that_reported_a_part_of_a_period_is_named() -> None:
    table = daily("Sales", "2025-01-01", "2025-02-28", 100, "North")
    asked = question(table, "2025-01-01", "2025-02-28")
    for one in asked["comparisons"]:
        one["lateBefore"] = ["South"]
    content = page(asked)
    assert headline(content).endswith("from Jan 2025 to Feb 2025, without South.")
    assert "South reported only a part of Jan 2025, not compared: Sales." in section(content, "What the figures cover")
