"""kpi-tracking on the local stack: its summary is about the values that its first step used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.stack_client import StackClient
from tests.unit.summarizer.parsed_page import check_against_facts

ASKED = {
    "kpi_names": ["revenue", "expenses"],
    "start_date": "2024-07-01",
    "end_date": "2024-09-30",
    "grouping": "month",
}


@pytest.mark.parametrize(
    "modifications",
    [{"start_date": "2024-08-01"}, {"context": {"startDate": "2024-08-01"}}],
    ids=["a parameter", "a part of the input"],
)
def test_the_summary_of_a_retry_is_about_the_changed_range(client: StackClient, modifications: dict[str, Any]) -> None:
    run_id = client.launch("kpi-tracking", parameters=ASKED)
    client.decide(
        client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"], "retry", modifications=modifications
    )
    client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"])

    run = client.wait_for_end(run_id)
    steps = run["results"]["steps"]
    assert run["status"] == "completed"
    assert (steps["fetch-kpi-data"]["start_date"], steps["fetch-kpi-data"]["end_date"]) == ("2024-08-01", "2024-09-30")
    summary = steps["summarize-results"]["summary"]
    assert summary.startswith("# Revenue and expenses, Aug 2024 to Sep 2024, by month\n")
    assert "No figures" not in summary
    assert {row["period"] for row in json.loads(steps["fetch-kpi-data"]["query_results"])} == {
        "2024-08-01",
        "2024-09-01",
    }


@pytest.mark.parametrize(
    ("at_launch", "at_retry", "scope"),
    [
        ({"departments": ["Platform"]}, {"grouping": "quarter"}, ([], ["Platform"])),
        ({"companies": ["aurora software"]}, {"departments": ["Analytics"]}, (["Aurora Software"], ["Analytics"])),
        ({}, {"companies": ["Borealis Services"], "grouping": "total"}, (["Borealis Services"], [])),
    ],
)
def test_the_scope_is_asked_at_launch_and_in_a_retry_and_stands_in_the_title(
    client: StackClient, at_launch: dict[str, Any], at_retry: dict[str, Any], scope: tuple[list[str], list[str]]
) -> None:
    run_id = client.launch("kpi-tracking", parameters={**ASKED, **at_launch})
    first = client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"]
    client.decide(first, "retry", modifications=at_retry)
    client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"])

    steps = client.wait_for_end(run_id)["results"]["steps"]
    fetched = steps["fetch-kpi-data"]
    assert (fetched["companies"], fetched["departments"]) == scope
    title = client.rows(
        "select title from deliverables where run_id = %s and type = 'analysis' order by created_at desc limit 1",
        run_id,
    )[0][0]
    assert title.endswith(f", only {' of '.join(names[0] for names in reversed(scope) if names)}")
    assert fetched["comparisons"] or fetched["range_comparisons"]


def test_the_page_comes_with_its_facts_and_charts_and_says_nothing_else(client: StackClient) -> None:
    run_id = client.launch("kpi-tracking", parameters=ASKED)
    client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"])
    assert client.wait_for_end(run_id)["status"] == "completed"

    query = "select name, content, metadata from deliverables where run_id = %s and step_id = 'summarize-results'"
    by_name = {name: (content, metadata) for name, content, metadata in client.rows(query, run_id)}
    assert by_name.keys() == {None, "facts.json", "revenue.svg", "expenses.svg"}
    page, metadata = by_name[None]
    assert "![revenue](revenue.svg)" in page
    check_against_facts(page, json.loads(by_name["facts.json"][0]), metadata["statements"])
