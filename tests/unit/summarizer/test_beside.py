"""What stands beside the rows: read where it has a meaning, named where it has none, and no fact of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from summarizer.brief import write_brief
from tests.unit.summarizer.kpi_data import daily, monthly, question
from tests.unit.summarizer.parsed_page import cells, headline, section

BESIDE = (
    "metrics",
    "comparisons",
    "rangeComparisons",
    "drivers",
    "rangeDrivers",
    "toDate",
    "history",
    "totals",
    "goals",
)


def context(**changes: Any) -> dict[str, Any]:
    return {**question(monthly("Sales", "2025-01", [100, 110, 121]), "2025-01-01", "2025-03-31"), **changes}


def page(context: dict[str, Any]) -> str:
    return write_brief(context).page.content


@pytest.mark.parametrize("key", BESIDE)
@pytest.mark.parametrize("nothing", [None, []])
def test_a_part_that_is_not_there_leaves_a_page_without_a_word_about_it(key: str, nothing: Any) -> None:
    if key == "metrics" and nothing == []:
        nothing = {}
    content = page(context(**{key: nothing}))
    assert headline(content).startswith("Sales rose 21.0%")
    assert "Missing" not in content
    assert "## Facts" not in content


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"comparisons": {}}, "context.comparisons must be a list, but is"),
        ({"comparisons": [7]}, "context.comparisons\\[0\\] must be an object, but is 7"),
        ({"comparisons": [{"kpi": "Sales", "to": "next"}]}, "context.comparisons\\[0\\].period must be a date"),
        ({"metrics": {"Sales": {"direction": "sideways"}}}, "context.metrics.Sales.direction must be up, down or none"),
        ({"metrics": {"Sales": {"grain": "hour"}}}, "context.metrics.Sales.grain must be day, week, month"),
        (
            {"goals": [{"kpi": "Sales", "direction": "about"}]},
            "context.goals\\[0\\].direction must be at_least or at_most",
        ),
        (
            {"toDate": [{"kpi": "Sales", "from": "2025-01-01", "to": "2025-03-31"}]},
            "context.toDate\\[0\\].value must be a number",
        ),
        ({"drivers": [{"kpi": ""}]}, "context.drivers\\[0\\].kpi must be a name"),
        ({"history": [{"kpi": "Sales"}]}, "context.history\\[0\\].period must be a date"),
    ],
)
def test_a_wrong_part_is_named_and_the_figures_stay(changes: dict[str, Any], fault: str) -> None:
    content = page(context(**changes))
    assert fault in content
    assert cells(content, "Sales")["Mar 2025"] == "$121"


def test_nothing_of_them_is_printed_if_the_rows_cannot_be_read() -> None:
    content = page(context(queryResults="select 1"))
    for words in ("Comparisons", "Metrics", "History", "To date"):
        assert words not in content


def test_decimals_may_be_texts() -> None:
    asked = context()
    parsed = json.loads(asked["queryResults"])
    assert page({**asked, "queryResults": [{**row, "value": float(row["value"])} for row in parsed]}) == page(asked)


def test_a_breakdown_has_a_row_for_each_department_and_one_for_all() -> None:
    def rows(values: dict[str, int], **part: str) -> list[dict[str, Any]]:
        shared = {"kpi": "Sales", "unit": "USD", "aggregation": "sum", "company": "Acme", **part}
        return [{**shared, "period": period, "value": value} for period, value in values.items()]

    north = rows({"2025-01-01": 100, "2025-02-01": 110}, department="North")
    south = rows({"2025-01-01": 50, "2025-02-01": 40}, department="South")
    totals = [
        {**row, "value": value} for row, value in zip(rows({"2025-01-01": 0, "2025-02-01": 0}), (150, 150), strict=True)
    ]
    for row in totals:
        del row["company"]
    compared = [
        {"kpi": "Sales", "company": "Acme", "department": name, "to": "previous", "period": "2025-02-01",
         "toPeriod": "2025-01-01",
        "value": after, "valueBefore": before, "days": 28, "daysBefore": 31, "whole": True}
        for name, before, after in (("North", 100, 110), ("South", 50, 40))
    ]  # fmt: skip
    content = page({
        "queryResults": [*north, *south], "totals": totals, "comparisons": compared, "breakdown": "department",
        "grouping": "month", "startDate": "2025-01-01", "endDate": "2025-02-28",
    })  # fmt: skip
    assert content.startswith("# Sales, Jan 2025 to Feb 2025, by month and department")
    assert cells(content, "Sales")["Feb 2025"] == "$150"
    assert cells(content, "Sales (North)")["Feb 2025 vs Jan 2025"] == "+10.0%"
    assert cells(content, "Sales (South)")["Feb 2025 vs Jan 2025"] == "-11.4% (daily average)"
    assert cells(content, "Sales")["Feb 2025 vs Jan 2025"] == "0.0%"


def test_a_longer_period_of_a_metric_is_its_own() -> None:
    asked = question(daily("Sales", "2025-01-01", "2025-03-31", 10), "2025-01-01", "2025-03-31", "week")
    rent = {"kpi": "Rent", "unit": "USD", "aggregation": "sum", "period": "2025-02-01", "value": 300}
    asked["queryResults"] = json.dumps([*json.loads(asked["queryResults"]), rent])
    asked["metrics"]["Rent"] = {"additive": True, "period": "month", "grain": "month"}
    content = page(asked)
    assert cells(content, "Rent")["Latest"] == "Feb 2025: $300"
    assert "Recorded by month: Rent." in section(content, "What the figures cover")


@pytest.mark.parametrize("complete", [True, False])
def test_covers_decide_what_is_partial(complete: bool) -> None:
    asked = context()
    rows = json.loads(asked["queryResults"])
    rows[-1]["covers"]["whole"] = complete
    content = page({**asked, "queryResults": json.dumps(rows)})
    assert ("Mar 2025 is partial" in content) is not complete


def test_the_whole_range_is_compared_with_the_year_before() -> None:
    range_before = {
        "kpi": "Sales", "to": "yearBefore", "period": "total", "toPeriod": "2024-01-01",
        "value": "331", "valueBefore": "300",
        "firstDay": "2025-01-01", "lastDay": "2025-03-31",
        "firstDayBefore": "2024-01-01", "lastDayBefore": "2024-03-31",
        "days": 90, "daysBefore": 91, "whole": True,
    }  # fmt: skip
    content = page(context(rangeComparisons=[range_before]))
    assert cells(content, "Sales")["Jan–Mar 2025 vs Jan–Mar 2024"] == "+10.3%"


def test_a_total_is_compared_with_the_range_before() -> None:
    row = {"kpi": "Sales", "unit": "USD", "aggregation": "sum", "period": "2025-01-01", "value": "331"}
    before = {
        "kpi": "Sales", "to": "previous", "period": "total", "toPeriod": "2024-10-01",
        "value": "331", "valueBefore": "300",
        "firstDay": "2025-01-01", "lastDay": "2025-03-31",
        "firstDayBefore": "2024-10-01", "lastDayBefore": "2024-12-31",
        "days": 90, "daysBefore": 92, "whole": True,
    }  # fmt: skip
    content = page({
        "queryResults": [row], "grouping": "total", "startDate": "2025-01-01", "endDate": "2025-03-31",
        "metrics": {"Sales": {"additive": True, "period": "total", "grain": "month"}}, "comparisons": [],
        "rangeComparisons": [before],
    })  # fmt: skip
    assert content.startswith("# Sales, Jan–Mar 2025, in total\n")
    assert headline(content) == "Sales rose 10.3% ($300 to $331) in Jan–Mar 2025 against Oct–Dec 2024."


def test_a_brief_that_holds_a_page_keeps_its_charts() -> None:
    asked = context()
    summary = page(asked)
    fetched = {
        key: asked[key]
        for key in ("queryResults", "grouping", "startDate", "endDate", "comparisons", "metrics", "history")
    }
    brief = write_brief({"summary": summary, "childStatus": "completed", "rawResults": {"fetch": fetched}})
    assert "![Sales](sales.svg)" in brief.page.content
    assert [one.name for one in brief.attachments] == ["facts.json", "sales.svg"]
    alone = write_brief({"summary": summary}).page.content
    assert "![Sales]" not in alone
