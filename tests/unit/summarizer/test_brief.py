"""The brief for an executive: any context gives a page, and only an empty one is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from baton.errors import Malformed
from summarizer.brief import write_brief
from summarizer.markup import plain
from summarizer.request import Request
from summarizer.summary import summarize

ROWS = [
    {"kpi": "revenue", "unit": "USD", "aggregation": "sum", "period": f"2024-0{month}-01", "value": value, "source": 7}
    for month, value in ((7, "412345.67"), (8, "433010.50"), (9, "446902.11"))
]
OPTIONS = {"kpiNames": ["revenue"], "grouping": "month", "startDate": "2024-07-01", "endDate": "2024-09-30"}
KPI_CONTEXT = {"queryResults": json.dumps(ROWS), "sql": "select 1", **OPTIONS}
PAGE = summarize(Request.parse(KPI_CONTEXT)).content
FETCHED = {
    "query_results": json.dumps(ROWS),
    "sql": "select kpi from company.kpi_data",
    "row_count": 3,
    "kpi_names": ["revenue"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}
RESULTS = {"fetch-kpi-data": FETCHED, "summarize-results": {"summary": PAGE, "summary_deliverable_id": "6d0e-77"}}
TABLE_ROW = "| revenue | $412,346 | $433,011 | $446,902 |"
HEADLINE = "Revenue rose 8.4% ($412,346 to $446,902) from Jul 2024 to Sep 2024."


def page(context: dict[str, Any]) -> str:
    return write_brief(context).page.content


def headline(content: str) -> str:
    return content.split("\n\n")[1].strip("*")


def test_the_quarterly_review_of_a_completed_child_has_its_summary_and_every_figure_once() -> None:
    deliverable = write_brief({"summary": PAGE, "childStatus": "completed", "rawResults": RESULTS}).page
    assert deliverable.title == "Brief: Revenue, Jul 2024 to Sep 2024, by month"
    assert headline(deliverable.content) == HEADLINE
    assert deliverable.content.count(TABLE_ROW) == 1
    assert "## Summary\n\n| KPI |" in deliverable.content
    assert "### What the figures cover" in deliverable.content
    assert "- Child status: completed" in deliverable.content
    assert "summarize results › summary repeats summary word for word." in deliverable.content
    assert "Missing" not in deliverable.content
    assert "6d0e-77" not in deliverable.content
    assert "select kpi" not in deliverable.content
    assert deliverable.metadata["figures"][0]["total"] == "1292258.28"


def test_an_aborted_child_comes_first_and_its_figures_have_a_warning() -> None:
    content = page({"summary": None, "childStatus": "aborted", "rawResults": {"fetch-kpi-data": FETCHED}})
    assert headline(content) == f"Child status is aborted. {HEADLINE}"
    assert "Missing: summary." in content
    assert content.count(TABLE_ROW) == 1
    assert "## Figures of raw results › fetch KPI data" in content
    assert "they may be partial, and not approved by anybody" in content


def test_a_failed_child_without_results_has_its_error_on_the_page() -> None:
    error = {"type": "AgentFailed", "message": "no table holds arr", "stepId": "fetch-kpi-data"}
    content = page({"summary": None, "childStatus": "failed", "rawResults": {}, "errorDetails": error})
    assert headline(content) == (
        "Child status is failed. Error details: AgentFailed at step fetch-kpi-data: no table holds arr."
    )
    assert "Missing: summary and raw results." in content


def test_another_summary_comes_before_the_figures_of_the_rows() -> None:
    content = page({"summary": "# Q3\n\nA good quarter.", "rawResults": {"fetch-kpi-data": FETCHED}})
    assert "## Summary\n\n### Q3\n\nA good quarter." in content
    assert content.index("A good quarter.") < content.index(TABLE_ROW)


def test_a_kpi_context_gives_the_page_about_the_figures() -> None:
    assert write_brief(KPI_CONTEXT).page == summarize(Request.parse(KPI_CONTEXT))
    assert page({**KPI_CONTEXT, "trackingSummary": PAGE, "trackingResults": RESULTS}) == PAGE
    nothing = {**KPI_CONTEXT, "queryResults": []}
    assert page(nothing) == summarize(Request.parse(nothing)).content


def test_other_values_beside_a_kpi_context_are_added_to_its_page() -> None:
    content = page({**KPI_CONTEXT, "comment": "One invoice is late.", "trackingSummary": None})
    assert content.startswith(f"# Revenue, Jul 2024 to Sep 2024, by month\n\n**{HEADLINE}**")
    assert "- Comment: One invoice is late." in content
    assert "Missing: tracking summary." in content


def test_texts_and_facts_keep_their_order_and_have_readable_labels() -> None:
    content = page(
        {"brief": "First.", "childStatus": "completed", "headcount": 42, "isFinal": True, "summary": "Last."}
    )
    assert content.index("## Brief\n\nFirst.") < content.index("## Summary\n\nLast.") < content.index("## Facts")
    assert "- Child status: completed\n- Headcount: 42\n- Is final: yes" in content
    assert headline(content) == "The context holds 2 texts and 3 facts."


def test_numbers_keep_every_digit() -> None:
    content = page({"a": 12345678901234567890, "b": 0.1, "c": '{"d": 1.10, "e": 12345678901234567890.123}'})
    for expected in ("- A: 12345678901234567890", "- B: 0.1", "- C › d: 1.10", "- C › e: 12345678901234567890.123"):
        assert expected in content


def test_records_are_a_table_of_the_first_rows_and_columns() -> None:
    records = [{f"field{column}": row for column in range(10)} for row in range(1, 41)]
    content = page({"customers": records})
    assert "## Customers\n\n| Field0 | Field1 |" in content
    assert "These are the first 25 of 40 rows and the first 8 of 10 columns." in content
    assert content.count("\n| ") == 27


def test_results_of_children_are_read_five_deep() -> None:
    inner: Any = {"summary": "The deepest text.", "rows": ROWS[:2]}
    for number in (5, 4, 3, 2, 1):
        inner = {
            "status": "completed",
            "results": {f"step-{number}": inner},
            "plan": {"steps": [{"id": "secret-step"}]},
            "orchestrationRunId": "1f-run",
            "timings": {"startedAt": "2024-10-01", "completedAt": None, "durationSeconds": 3},
            "errorDetails": None,
        }
    content = page({"child": inner})
    trail = "step 1 › step 2 › step 3 › step 4 › step 5"
    assert f"## Child › {trail} › summary\n\nThe deepest text." in content
    assert f"## Figures of child › {trail}\n" in content
    assert f"The grouping of child › {trail} › rows is inferred from its periods: month." in content
    assert not any(word in content for word in ("secret-step", "1f-run", "Missing"))


def test_a_failure_deep_inside_is_in_the_headline() -> None:
    content = page({"summary": "Fine.", "results": {"a": {"status": "failed", "error": {"message": "no access"}}}})
    assert headline(content).startswith("A › status is failed. A › error: no access.")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grouping": "hour"}, 'context.grouping must be day, week, month, quarter, year or total, but is "hour"'),
        ({"kpiNames": "revenue"}, 'context.kpiNames must be a list of KPI names, but is "revenue"'),
        ({"startDate": "July"}, 'context.startDate must be a date like 2024-07-01, but is "July"'),
        ({"startDate": "2025-01-01"}, "context.startDate (2025-01-01) must not be after context.endDate (2024-09-30)"),
        ({"sql": 7}, "context.sql must be a string"),
    ],
)
def test_a_wrong_option_is_ignored_alone(changes: dict[str, Any], reason: str) -> None:
    content = page({**KPI_CONTEXT, **changes})
    assert TABLE_ROW in content
    assert f"- Not read as figures: {plain(reason, longest=None)}." in content


@pytest.mark.parametrize(
    ("results", "reason", "shown"),
    [
        ("select *", "context.queryResults must be a JSON list of rows, but is not JSON", r"select \*"),
        ([7], "context.queryResults[0] must be an object", "- Query results: 7"),
        (
            [*ROWS, {"kpi": "revenue", "period": "2024-10-01"}],
            "[3].value is missing",
            "| USD | sum | 2024-07",
        ),
        (
            [*ROWS, ROWS[0]],
            "context.queryResults[3] repeats context.queryResults[0]",
            "| USD | sum | 2024-07",
        ),
        (
            [{**ROWS[0], "aggregation": "avg"}, ROWS[1]],
            "must give one aggregation for revenue",
            "| USD | avg |",
        ),
        ([{**ROWS[0], "period": "-5"}], "period must be a date like 2024-07-01", "| revenue | USD | sum | -5"),
        ('{"rows": 3}', "context.queryResults must be a list of rows", "- Query results › rows: 3"),
    ],
)
def test_wrong_rows_are_shown_as_a_table_or_facts(results: Any, reason: str, shown: str) -> None:
    content = page({**KPI_CONTEXT, "queryResults": results})
    assert plain(reason, longest=None) in content
    assert shown in content
    assert "- Grouping: month" in content


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"summary": None, "childStatus": None, "rawResults": None},
        {"summary": "", "rawResults": {"a": [None, {}, {"b": " "}]}},
        {"queryResults": {}, "rows": [None]},
        {"queryResults": "null"},
        {"queryResults": None, "companies": [], "departments": []},
        {"queryResults": "null", "companies": "[]", "Departments": [" "]},
        {"companies": [], "results": {"departments": []}},
        {"queryResults": [None, " null\n"], "summary": "null"},
    ],
)
def test_an_empty_context_is_refused(context: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="^context must hold something to summarize") as refused:
        write_brief(context)
    assert all(name in str(refused.value) for name in context)


@pytest.mark.parametrize("value", [0, False, "x", [0], {"a": {"b": [0]}}])
def test_zero_and_false_are_content(value: Any) -> None:
    assert "- A" in page({"a": value, "b": None})


def test_the_same_context_gives_the_same_page() -> None:
    context = {"summary": PAGE, "childStatus": "completed", "rawResults": RESULTS}
    assert write_brief(context) == write_brief(json.loads(json.dumps(context)))
