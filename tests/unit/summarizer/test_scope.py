"""All parts of a page name the companies or departments of its figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from summarizer.brief import write_brief

ROWS = [
    {"kpi": "revenue", "unit": "USD", "aggregation": "sum", "period": f"2024-0{month}-01", "value": value}
    for month, value in ((7, "1300000"), (8, "1350000"), (9, "1510000"))
]
DATES = {"startDate": "2024-07-01", "endDate": "2024-09-30"}
CONTEXT = {"queryResults": json.dumps(ROWS), "sql": "select 1", "kpiNames": ["revenue"], "grouping": "month", **DATES}
TITLE = "Revenue, Jul 2024 to Sep 2024, by month"
HEADLINE = "revenue rose 16.2% ($1.30M to $1.51M) from Jul 2024 to Sep 2024."


def headline(content: str) -> str:
    return content.split("\n\n")[1].strip("*")


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({"departments": ["Platform"], "companies": []}, "Platform department only"),
        ({"departments": ["Platform", "Sales"], "companies": None}, "Platform and Sales departments only"),
        ({"companies": ["Acme Ltd"]}, "Acme Ltd only"),
        ({"companies": ["Acme Ltd"], "departments": "Sales"}, "Sales department of Acme Ltd only"),
        ({"departments": ["Sales Department"]}, "Sales Department only"),
        ({"departments": list("ABCDE")}, "A, B and 3 more departments only"),
        ({"companies": list("ABCDE")}, "A, B and 3 more companies only"),
    ],
)
def test_the_title_and_the_headline_name_the_scope(scope: dict[str, Any], words: str) -> None:
    deliverable = write_brief({**CONTEXT, **scope}).page
    assert deliverable.title == f"{TITLE}, {words}"
    assert headline(deliverable.content) == f"{words}: {HEADLINE}"
    assert "## Facts" not in deliverable.content
    assert "Missing" not in deliverable.content


def test_the_notes_name_all_of_them_and_the_metadata_too() -> None:
    departments = list("ABCDE")
    deliverable = write_brief({**CONTEXT, "companies": ["Acme"], "departments": departments}).page
    note = "- Figures of the A, B, C, D and E departments of Acme only."
    assert f"## What the figures cover\n\n{note}" in deliverable.content
    assert (deliverable.metadata["companies"], deliverable.metadata["departments"]) == (["Acme"], departments)


@pytest.mark.parametrize("everybody", [None, []])
def test_a_scope_of_all_says_so(everybody: Any) -> None:
    deliverable = write_brief({**CONTEXT, "companies": everybody, "departments": everybody}).page
    assert deliverable == write_brief(CONTEXT).page
    assert "- Figures of all companies and departments." in deliverable.content
    assert (deliverable.metadata["companies"], deliverable.metadata["departments"]) == ([], [])


@pytest.mark.parametrize("everybody", [None, [], "", "[]", "null"])
def test_a_scope_of_all_is_neither_a_fact_nor_missing(everybody: Any) -> None:
    scope = {"companies": everybody, "departments": everybody}
    content = write_brief({"queryResults": None, "comment": "Late.", **scope, "child": {**scope, "n": 1}}).page.content
    assert content.endswith("Missing: query results.\n\n## Facts\n\n- Comment: Late.\n- Child › n: 1\n")
    assert "- Companies: Acme" in write_brief({"queryResults": None, "companies": ["Acme"]}).page.content


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ({"companies": ["Aurora Software"]}, "Aurora Software only"),
        ({"companies": list("ABCDE")}, "A, B, C, D and E only"),
        ({"departments": ["Sales"]}, "the Sales department only"),
        ({"companies": ["Acme"], "departments": ["Sales"]}, "the Sales department of Acme only"),
    ],
)
def test_companies_take_no_article_and_departments_do(scope: dict[str, Any], words: str) -> None:
    content = write_brief({**CONTEXT, **scope}).page.content
    assert f"- Figures of {words}." in content


def test_the_sentences_about_companies_have_no_article_either() -> None:
    aurora = {**CONTEXT, "companies": ["Aurora Software"]}
    content = write_brief(aurora).page.content
    assert "They are of Aurora Software only." in write_brief({"summary": content, "a": aurora}).page.content
    assert "the question is about Aurora Software only." in write_brief({**aurora, "queryResults": []}).page.content


def test_a_page_without_figures_names_the_department() -> None:
    deliverable = write_brief({**CONTEXT, "queryResults": [], "departments": ["Platform"]}).page
    assert deliverable.title == "No figures from 2024-07-01 to 2024-09-30, Platform department only"
    assert headline(deliverable.content) == (
        "Platform department only: there are no figures for revenue from 2024-07-01 to 2024-09-30."
    )


def test_the_scope_beside_rows_deep_inside_of_results_is_theirs() -> None:
    fetched = {
        "query_results": json.dumps(ROWS),
        "grouping": "month",
        "start_date": "2024-07-01",
        "end_date": "2024-09-30",
        "companies": [],
        "departments": ["Platform"],
    }
    deliverable = write_brief({"childStatus": "completed", "rawResults": {"fetch-kpi-data": fetched}}).page
    assert headline(deliverable.content) == f"Platform department only: {HEADLINE}"
    assert deliverable.metadata["departments"] == ["Platform"]
    top = write_brief({**CONTEXT, "rawResults": {"fetch-kpi-data": fetched}}).page
    assert headline(top.content) == f"Platform department only: {HEADLINE}"


def test_a_wrong_scope_is_ignored_and_shown() -> None:
    content = write_brief({**CONTEXT, "departments": [{"name": "Platform"}]}).page.content
    assert "context.departments must be a list of names" in content
    assert "| Platform |" in content
    assert headline(content) == f"R{HEADLINE[1:]}"


def test_a_name_cannot_become_markup() -> None:
    deliverable = write_brief({**CONTEXT, "departments": ["a|b\n# <c>"]}).page
    assert deliverable.content.startswith(f"# {TITLE}, a\\|b \\# \\<c\\> department only\n\n**A\\|b")
