"""The summary for an executive. The tests show the sentences of docs/kpi-tracking.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from baton.agents.contract import Deliverable
from baton.errors import Malformed

Rows = Callable[..., list[dict[str, Any]]]
Summary = Callable[..., Deliverable]

JUL, AUG, SEP = "2024-07-01", "2024-08-01", "2024-09-01"
QUARTER = {"startDate": "2024-07-01", "endDate": "2024-09-30"}


def section(content: str, heading: str) -> list[str]:
    """The bullets below a heading."""
    part = content.split(f"## {heading}\n\n")[1].split("\n\n")[0]
    return [line.removeprefix("- ") for line in part.splitlines()]


def cells(content: str, kpi: str) -> list[str]:
    """The table's row of a KPI, without its name."""
    line = next(line for line in content.splitlines() if line.startswith(f"| {kpi} |"))
    return [cell.strip() for cell in line.strip("|").split(" | ")[1:]]


def headline(content: str) -> str:
    return content.split("\n\n")[1].strip("*")


def days(start: str, figures: list[Any]) -> dict[str, Any]:
    return {(date.fromisoformat(start) + timedelta(i)).isoformat(): figure for i, figure in enumerate(figures)}


def test_a_quarter_by_month_reads_from_headline_to_notes(rows: Rows, summary: Summary) -> None:
    deliverable = summary(
        rows("revenue", "USD", "sum", {JUL: "400000.00", AUG: "380000.00", SEP: "440000.00"})
        + rows("expenses", "USD", "sum", {JUL: "300000.00", AUG: "323000.00", SEP: "303000.00"})
        + rows("profit_margin", "ratio", "ratio", {JUL: "0.25", AUG: "0.15", SEP: "0.311364"}),
        kpiNames=["revenue", "expenses", "profit_margin"],
        **QUARTER,
    )
    assert (
        deliverable.content
        == """\
# Revenue, expenses and profit margin, Jul 2024 to Sep 2024, by month

**Revenue rose 10.0%, expenses rose 1.0% and profit margin rose 6.14 percentage points from Jul 2024 to Sep 2024.**

| KPI | Total or average | First (Jul 2024) | Last (Sep 2024) | Change | Best | Worst |
| --- | ---: | ---: | ---: | ---: | --- | --- |
| revenue | $1,220,000 total | $400,000 | $440,000 | +10.0% | Sep 2024: $440,000 | Aug 2024: $380,000 |
| expenses | $926,000 total | $300,000 | $303,000 | +1.0% | Jul 2024: $300,000 | Aug 2024: $323,000 |
| profit_margin | 24.10% overall | 25.00% | 31.14% | +6.14 pp | Sep 2024: 31.14% | Aug 2024: 15.00% |

## What happened

- **Revenue** totalled $1.22M and rose 10.0% from Jul 2024 ($400,000) to Sep 2024 ($440,000), up 15.8% on Aug 2024. \
Down in Aug 2024, then up in Sep 2024.
- **Expenses** totalled $926,000 and rose 1.0% from Jul 2024 ($300,000) to Sep 2024 ($303,000), down 6.2% on Aug 2024. \
Up in Aug 2024, then down in Sep 2024.
- **Profit margin** came to 24.10% overall and rose 6.14 percentage points from Jul 2024 (25.00%) to Sep 2024 \
(31.14%), up 16.14 percentage points on Aug 2024. Down in Aug 2024, then up in Sep 2024.

## What to look at next

- Find out what happened in Aug 2024: profit margin fell 10.00 percentage points to 15.00%, as revenue fell 5.0% and \
expenses rose 7.7%.

## About the figures

- Profit margin overall is (revenue - expenses) / revenue, computed from their totals.
- For expenses, the lowest figure counts as the best.
"""
    )


def test_a_ratio_without_its_parts_is_averaged_and_says_so(rows: Rows, summary: Summary) -> None:
    content = summary(rows("margin", "ratio", "ratio", {JUL: "0.25", AUG: "0.15", SEP: "0.32"}), **QUARTER).content
    assert cells(content, "margin")[0] == "24.00% average"
    assert "The average of margin gives every month the same weight." in section(content, "About the figures")


def test_percentages_are_never_summed_whatever_the_rows_say(rows: Rows, summary: Summary) -> None:
    content = summary(rows("churn", "percent", "sum", {JUL: "5", AUG: "4"}), **QUARTER).content
    assert cells(content, "churn")[0] == "4.50% average"


def test_a_level_is_neither_summed_nor_averaged(rows: Rows, summary: Summary) -> None:
    content = summary(rows("arr", "USD", "last", {JUL: "9000000", SEP: "9900000"}), **QUARTER).content
    assert cells(content, "arr")[0] == "$9,900,000 latest"
    assert headline(content) == "ARR rose 10.0% from Jul 2024 to Sep 2024."


@pytest.mark.parametrize(
    ("kpi", "unit", "figure"),
    [
        ("orders", "orders", "12 total"),
        ("revenue", "EUR", "€12 total"),
        ("mrr", "USD", "$9 latest"),
        ("Customers to date", "customers", "9 latest"),
        ("Average order value", "GBP", "£6.00 average"),
        ("delivery", "days", "6.0 days average"),
        ("share", "ratio", "600.00% average"),
    ],
)
def test_without_an_aggregation_only_quantities_are_added_up(
    kpi: str, unit: str, figure: str, rows: Rows, summary: Summary
) -> None:
    content = summary(rows(kpi, unit, None, {JUL: "3", SEP: "9"}), **QUARTER).content
    assert cells(content, kpi)[0] == figure
    assumed = "The rows do not say how figures aggregate" in content
    assert assumed == (unit != "ratio")


def test_a_zero_or_negative_base_has_no_percentage(rows: Rows, summary: Summary) -> None:
    content = summary(rows("profit", "USD", "sum", {JUL: "0", SEP: "500"}), **QUARTER).content
    assert headline(content) == "Profit rose from zero to $500 from Jul 2024 to Sep 2024."
    assert cells(content, "profit")[3] == "+$500"
    content = summary(rows("profit", "USD", "sum", {JUL: "-500", SEP: "700"}), **QUARTER).content
    assert headline(content) == "Profit swung from -$500 to $700 from Jul 2024 to Sep 2024."
    content = summary(rows("profit", "USD", "sum", {JUL: "-500", SEP: "-700"}), **QUARTER).content
    assert headline(content) == "Profit fell by $200 to -$700 from Jul 2024 to Sep 2024."
    assert section(content, "What to look at next")[0] == (
        "Find out why profit lay below zero in both months, lowest in Sep 2024 (-$700)."
    )


def test_a_tenfold_rise_is_written_as_times(rows: Rows, summary: Summary) -> None:
    content = summary(rows("orders", "orders", "sum", {JUL: "2", SEP: "25"}), **QUARTER).content
    assert headline(content) == "Orders rose to 12.5 times as much from Jul 2024 to Sep 2024."
    assert cells(content, "orders")[3] == "×12.5"


def test_the_page_says_if_figures_do_not_change(rows: Rows, summary: Summary) -> None:
    content = summary(rows("staff", "people", "last", {JUL: "7", AUG: "7", SEP: "7"}), **QUARTER).content
    assert headline(content) == "Staff did not change from Jul 2024 to Sep 2024."
    assert cells(content, "staff")[-2:] == ["–", "–"]
    assert section(content, "What to look at next") == ["Nothing in these figures calls for action."]


def test_no_rows_say_so_and_what_to_check(summary: Summary) -> None:
    deliverable = summary([], kpiNames=["nps", "arr"], sql="select 1", **QUARTER)
    assert headline(deliverable.content) == "There are no figures for NPS and ARR from 2024-07-01 to 2024-09-30."
    assert len(section(deliverable.content, "What to check")) == 3
    assert deliverable.metadata["kpisWithoutFigures"] == ["nps", "arr"]
    assert deliverable.metadata["rowCount"] == 0


def test_one_period_has_no_change(rows: Rows, summary: Summary) -> None:
    content = summary(rows("revenue", "USD", "sum", {JUL: "5.25"}), startDate=JUL, endDate="2024-07-31").content
    assert headline(content) == "Revenue came to $5.25 in Jul 2024."
    assert cells(content, "revenue") == ["$5.25"]
    assert "## What happened" not in content


def test_a_missing_period_is_named_and_never_counted_as_zero(rows: Rows, summary: Summary) -> None:
    content = summary(rows("revenue", "USD", "sum", {JUL: "100", SEP: "150"}), **QUARTER).content
    assert cells(content, "revenue")[-1] == "Jul 2024: $100"
    assert "No figures for revenue: Aug 2024. Gaps are left out, not counted as zero." in content
    assert "Load the missing figures of revenue (Aug 2024), or confirm that there were none, and run again." in content


def test_a_null_is_a_gap_too(rows: Rows, summary: Summary) -> None:
    content = summary(rows("margin", "ratio", "ratio", {JUL: "0.1", AUG: None, SEP: "0.2"}), **QUARTER).content
    assert cells(content, "margin")[0] == "15.00% average"
    assert "No figures for margin: Aug 2024." in content


def test_missing_weekends_are_named_as_weekdays_and_need_no_action(rows: Rows, summary: Summary) -> None:
    figures = {day: "10" for day in days("2024-07-01", [0] * 28) if date.fromisoformat(day).weekday() < 5}
    deliverable = summary(
        rows("sales", "USD", "sum", figures), grouping="day", startDate="2024-07-01", endDate="2024-07-28"
    )
    assert "No figures for sales: every Saturday and Sunday." in deliverable.content
    assert "Load the missing" not in deliverable.content


def test_a_kpi_that_was_asked_for_and_has_no_rows_is_in_the_table_and_in_the_advice(
    rows: Rows, summary: Summary
) -> None:
    deliverable = summary(rows("Revenue", "USD", "sum", {JUL: "1", SEP: "2"}), kpiNames=["revenue", "nps"], **QUARTER)
    assert cells(deliverable.content, "nps")[0] == "no figures"
    assert section(deliverable.content, "What to look at next")[0].startswith(
        "Check whether figures for NPS are recorded"
    )
    assert deliverable.metadata["kpisWithoutFigures"] == ["nps"]


def test_a_partial_period_counts_towards_the_total_but_is_no_fall(rows: Rows, summary: Summary) -> None:
    figures = {"2024-07-01": "70", "2024-07-08": "70", "2024-07-15": "77", "2024-07-22": "20"}
    deliverable = summary(
        rows("orders", "orders", "sum", figures), grouping="week", startDate="2024-07-03", endDate="2024-07-23"
    )
    assert headline(deliverable.content) == "Orders rose 10.0% from the week of 2024-07-08 to the week of 2024-07-15."
    assert cells(deliverable.content, "orders")[0] == "237 total"
    assert (
        "The week of 2024-07-22 covers only 2024-07-22 to 2024-07-23; it counts towards totals but is not compared "
        "with whole weeks."
    ) in deliverable.content
    assert "Extend the range to 2024-07-28 to compare the week of 2024-07-22 as a whole." in deliverable.content


def test_averages_and_levels_are_compared_over_partial_periods_too(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("churn", "percent", "avg", {JUL: "5", AUG: "4"}), startDate="2024-07-20", endDate="2024-08-10"
    ).content
    assert headline(content) == "Churn fell 1.00 percentage point from Jul 2024 to Aug 2024."


def test_the_lowest_costs_are_the_best_unless_they_are_booked_with_a_minus(rows: Rows, summary: Summary) -> None:
    content = summary(rows("Expenses", "USD", "sum", {JUL: "10", SEP: "20"}), **QUARTER).content
    assert cells(content, "Expenses")[-2:] == ["Jul 2024: $10", "Sep 2024: $20"]
    assert "For Expenses, the lowest figure counts as the best." in content
    content = summary(rows("Expenses", "USD", "sum", {JUL: "-10", SEP: "-20"}), **QUARTER).content
    assert cells(content, "Expenses")[-2:] == ["Jul 2024: -$10", "Sep 2024: -$20"]
    assert "below zero" not in content


def test_costs_that_outgrow_income_are_the_first_thing_to_review(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("revenue", "USD", "sum", {JUL: "100", SEP: "105"}) + rows("costs", "USD", "sum", {JUL: "80", SEP: "92"}),
        **QUARTER,
    ).content
    assert section(content, "What to look at next")[0] == "Review costs: up 15.0% while revenue was up 5.0%."


def test_a_daily_trend_comes_before_first_and_last(rows: Rows, summary: Summary) -> None:
    figures = days("2024-07-01", [str(100 + i) for i in range(40)])
    content = summary(rows("orders", "orders", "sum", figures), grouping="day").content
    assert headline(content) == "Orders totalled 4,780 with an upward trend over 40 days."
    assert "An upward trend of about 39.0 (32.6% of the average day) over the range." in content


def test_an_outlier_is_named_with_the_typical_figure_of_its_weekday(rows: Rows, summary: Summary) -> None:
    week = [100, 104, 98, 101, 103, 40, 42]
    figures = days("2024-07-01", [week[i % 7] + i // 7 for i in range(42)])
    figures["2024-07-24"] = 500
    content = summary(rows("orders", "orders", "sum", figures), grouping="day").content
    assert "Outlier: 2024-07-24 (500, 101.0 on a typical Wednesday)." in content
    assert "Check 2024-07-24: orders came to 500, against 101.0 on a typical Wednesday." in content
    assert "on the same weekday a week before" in content


def test_sums_of_companies_are_added_up_and_averages_kept_apart(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("revenue", "USD", "sum", {JUL: "10", SEP: "11"}, company="Acme")
        + rows("revenue", "USD", "sum", {JUL: "20", SEP: "22"}, company="Beta")
        + rows("churn", "percent", "avg", {JUL: "1", SEP: "2"}, company="Acme")
        + rows("churn", "percent", "avg", {JUL: "5", SEP: "4"}, company="Beta"),
        **QUARTER,
    ).content
    assert cells(content, "revenue")[:3] == ["$63 total", "$30", "$33"]
    assert cells(content, "churn (Acme)")[0] == "1.50% average"
    assert cells(content, "churn (Beta)")[0] == "4.50% average"


def test_a_sum_that_lacks_a_company_in_one_period_is_noted(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("revenue", "USD", "sum", {JUL: "10", SEP: "11"}, company="Acme")
        + rows("revenue", "USD", "sum", {JUL: "20"}, company="Beta"),
        **QUARTER,
    ).content
    assert "Sums of revenue lack parts that other months have: Sep 2024." in section(content, "About the figures")


def test_a_label_that_only_goes_with_the_period_does_not_split_a_kpi(rows: Rows, summary: Summary) -> None:
    labelled = [
        {**row, "label": f"month {index}"}
        for index, row in enumerate(rows("churn", "percent", "avg", {JUL: "1", SEP: "2"}))
    ]
    assert cells(summary(labelled, **QUARTER).content, "churn")[0] == "1.50% average"


def test_one_kpi_in_two_currencies_is_two_rows(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("Revenue", "USD", "sum", {JUL: "1", SEP: "2"}) + rows("Revenue", "EUR", "sum", {JUL: "3", SEP: "4"}),
        **QUARTER,
    ).content
    assert cells(content, "Revenue (USD)")[0] == "$3 total"
    assert cells(content, "Revenue (EUR)")[0] == "€7 total"


def test_rows_that_disagree_on_the_aggregation_are_refused(rows: Rows, summary: Summary) -> None:
    with pytest.raises(Malformed, match="one aggregation for revenue, but gives avg and sum"):
        summary(rows("revenue", "USD", "sum", {JUL: "1"}) + rows("revenue", "USD", "avg", {SEP: "2"}))


def test_names_cannot_become_markup_or_break_the_table(rows: Rows, summary: Summary) -> None:
    name = "a|b *c* [d](e) <script> `f` _g_\n# h"
    deliverable = summary(rows(name, "x|y", "sum", {JUL: "1", SEP: "2"}), kpiNames=[name], **QUARTER)
    tables = [line for line in deliverable.content.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {8}
    assert not re.search(r"(?<!\\)[<>`\[\]]", deliverable.content)
    assert [line for line in deliverable.content.splitlines() if line.startswith("# ")] == [
        deliverable.content.splitlines()[0]
    ]
    assert r"\_g\_" in deliverable.content
    assert deliverable.metadata["kpiNames"] == [name]


def test_underscores_inside_a_name_need_no_escape(rows: Rows, summary: Summary) -> None:
    assert "| profit_margin |" in summary(rows("profit_margin", "ratio", None, {JUL: "0.1"})).content


def test_huge_figures_are_whole_in_the_table_and_brief_in_sentences(rows: Rows, summary: Summary) -> None:
    content = summary(rows("assets", "USD", "sum", {JUL: "123456789012345678.125", SEP: "1"}), **QUARTER).content
    assert cells(content, "assets")[0] == "$123,456,789,012,345,679.13 total"
    assert "totalled $123,456.79T" in content


def test_many_kpis_over_many_days_stay_a_page(rows: Rows, summary: Summary) -> None:
    many = [
        row
        for kpi in range(40)
        for row in rows(f"kpi {kpi}", "USD", "sum", days("2024-01-01", [str((kpi * d * d) % 97) for d in range(60)]))
    ]
    deliverable = summary(many, grouping="day", kpiNames=[f"kpi {kpi}" for kpi in range(40)])
    assert "15 more KPIs are in the data." in deliverable.content
    assert len(deliverable.content.splitlines()) < 60
    assert headline(deliverable.content).startswith("Of 40 KPIs, ") or headline(deliverable.content).startswith(
        "All 40 KPIs "
    )
    assert len(deliverable.metadata["figures"]) == 40


def test_rows_outside_the_range_are_counted_and_noted(rows: Rows, summary: Summary) -> None:
    deliverable = summary(
        rows("revenue", "USD", "sum", {"2024-06-01": "1", JUL: "2"}), startDate=JUL, endDate="2024-07-31"
    )
    assert (
        "Some rows lie outside 2024-07-01 to 2024-07-31, which was asked for; they are counted." in deliverable.content
    )
    assert cells(deliverable.content, "revenue")[0] == "$3 total"


def test_kpis_are_in_the_order_of_the_request(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("Expenses", "USD", "sum", {JUL: "1"}) + rows("Net revenue", "USD", "sum", {JUL: "2"}),
        kpiNames=["net_revenue", "EXPENSES"],
    ).content
    assert content.index("| Net revenue |") < content.index("| Expenses |")


def a_year(figures: list[int]) -> dict[str, str]:
    return {f"2024-{month:02}-01": str(figure) for month, figure in enumerate(figures, 1)}


RISING, WOBBLING = list(range(100, 112)), [100, 60, 140, 70, 150, 80, 120, 60, 150, 70, 130, 200]


def test_the_headline_names_a_strongest_trend_only_where_there_is_a_clear_one(rows: Rows, summary: Summary) -> None:
    year = {"startDate": "2024-01-01", "endDate": "2024-12-31"}
    wobbling = [row for kpi in "abc" for row in rows(f"level {kpi}", "count", "last", a_year(WOBBLING))]

    content = summary(wobbling + rows("seats", "count", "last", a_year(RISING)), **year).content
    assert headline(content) == (
        "All 4 KPIs moved for the better; the strongest trend for the better: "
        "seats rose 11.0% from Jan 2024 to Dec 2024."
    )

    content = summary(wobbling + rows("level d", "count", "last", a_year(WOBBLING)), **year).content
    assert headline(content) == (
        "All 4 KPIs moved for the better; the largest change for the better: "
        "level a rose 100.0% from Jan 2024 to Dec 2024."
    )
    assert "improved" not in content


def test_three_months_are_too_few_to_call_anything_the_strongest_trend(rows: Rows, summary: Summary) -> None:
    four = [row for kpi in "abcd" for row in rows(kpi, "USD", "sum", {JUL: "100", AUG: "90", SEP: "80"})]
    assert headline(summary(four, **QUARTER).content) == (
        "All 4 KPIs moved for the worse; the largest change for the worse: a fell 20.0% from Jul 2024 to Sep 2024."
    )


def test_a_period_that_most_rows_share_is_in_the_head_and_only_others_are_named(rows: Rows, summary: Summary) -> None:
    content = summary(
        rows("revenue", "USD", "sum", {JUL: "1", AUG: "2", SEP: "3"})
        + rows("costs", "USD", "sum", {JUL: "1", SEP: "3"})
        + rows("fees", "USD", "sum", {AUG: "2", SEP: "3"}),
        **QUARTER,
    ).content
    assert "| First (Jul 2024) | Last (Sep 2024) |" in content
    assert cells(content, "revenue")[1:3] == ["$1", "$3"]
    assert cells(content, "fees")[1:3] == ["Aug 2024: $2", "$3"]
