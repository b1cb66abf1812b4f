"""The Lambda function: the agent contract, from a call to an answer."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.summarizer import app

EVENT = Path(app.__file__).with_name("event.json")


@pytest.fixture
def call() -> dict[str, Any]:
    event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
    return event


def answer(event: Any) -> dict[str, Any]:
    lambda_context = SimpleNamespace(
        function_name="summarizer", memory_limit_in_mb="256", invoked_function_arn="arn", aws_request_id="1"
    )
    answered = app.handler(event, lambda_context)  # type: ignore[arg-type]
    json.dumps(answered, allow_nan=False)  # what the Lambda runtime does with it
    return answered


def reason(answered: dict[str, Any]) -> str:
    assert answered["success"] is False
    assert answered["payload"]["content"] == {}
    assert answered["payload"]["metadata"]["retryable"] is False
    return str(answered["payload"]["metadata"]["reason"])


def test_the_sample_event_is_answered_with_a_markdown_summary(call: dict[str, Any]) -> None:
    answered = answer(call)
    deliverable = answered["payload"]["content"]["deliverable"]
    assert answered["success"] is True
    assert (deliverable["type"], deliverable["format"]) == ("summary", "markdown")
    assert deliverable["title"] == "Revenue, Jul 2024 to Sep 2024, by month"
    assert deliverable["content"].startswith("# Revenue, Jul 2024 to Sep 2024, by month\n\n**Revenue rose 8.4%")


def test_the_metadata_have_the_figures_of_the_page(call: dict[str, Any]) -> None:
    metadata = answer(call)["payload"]["content"]["deliverable"]["metadata"]
    assert metadata["kpiNames"] == ["revenue"]
    assert metadata["grouping"] == "month"
    assert metadata["rowCount"] == 3
    assert metadata["periods"] == ["2024-07-01", "2024-08-01", "2024-09-01"]
    (figures,) = metadata["figures"]
    assert (figures["period"], figures["value"], figures["total"]) == ("2024-09-01", "446902.11", "1292258.28")
    assert metadata["statements"][0]["text"].startswith("Revenue rose 8.4%")


def test_the_facts_and_a_chart_for_each_kpi_come_with_the_page(call: dict[str, Any]) -> None:
    content = answer(call)["payload"]["content"]
    facts, chart = content["deliverables"]
    assert (facts["name"], facts["type"], facts["format"]) == ("facts.json", "facts", "json")
    assert (chart["name"], chart["type"], chart["format"]) == ("revenue.svg", "chart", "svg")
    assert facts["title"] == "Facts: Revenue, Jul 2024 to Sep 2024, by month"
    assert "![revenue](revenue.svg)" in content["deliverable"]["content"]


def test_a_context_without_figures_has_a_page_alone(call: dict[str, Any]) -> None:
    call["payload"]["context"] = {"summary": "All is well."}
    assert "deliverables" not in answer(call)["payload"]["content"]


def test_the_same_call_gets_the_same_answer(call: dict[str, Any]) -> None:
    assert answer(call) == answer(call)


def test_a_call_without_a_context_fails_with_a_reason(call: dict[str, Any]) -> None:
    del call["payload"]["context"]
    assert reason(answer(call)).startswith("context must hold something to summarize")


def test_a_context_of_nulls_fails_naming_the_fields(call: dict[str, Any]) -> None:
    call["payload"]["context"] = {"summary": None, "rawResults": {"a": [None]}}
    assert reason(answer(call)).endswith("but every value in it is null or empty: summary and rawResults")


@pytest.mark.parametrize("context", [None, "", {}])
def test_an_empty_context_of_any_type_is_refused(context: Any, call: dict[str, Any]) -> None:
    call["payload"]["context"] = context
    assert reason(answer(call)).startswith("context must hold something to summarize")


@pytest.mark.parametrize("context", ["All is well.", ["All is well."], 7])
def test_a_context_of_another_type_than_object_is_read(context: Any, call: dict[str, Any]) -> None:
    call["payload"]["context"] = context
    shown = str(context[0] if isinstance(context, list) else context)
    assert f"- Context: {shown}" in answer(call)["payload"]["content"]["deliverable"]["content"]


def test_the_note_of_a_person_is_answered_as_not_applied(call: dict[str, Any]) -> None:
    before = answer(call)["payload"]["content"]["deliverable"]
    call["review"] = {"notes": "Leave out August."}
    after = answer(call)["payload"]["content"]["deliverable"]
    assert after["content"] == before["content"]
    (entry,) = after["metadata"]["review"]["notApplied"]
    assert after["metadata"]["review"]["applied"] == []
    assert entry["note"] == "Leave out August."
    assert "takes no instructions" in entry["message"]


def test_the_notes_of_earlier_reviews_are_answered_too_the_oldest_first(call: dict[str, Any]) -> None:
    earlier = [{"notes": "In euros."}, {"notes": "", "modifiedPaths": ["context.grouping"]}, {"notes": "Be brief."}]
    call["review"] = {"notes": " ", "earlier": earlier, "earlierLeftOut": 2}
    review = answer(call)["payload"]["content"]["deliverable"]["metadata"]["review"]
    assert review["applied"] == []
    assert [entry.get("note") for entry in review["notApplied"]] == [None, "In euros.", "Be brief."]
    assert review["notApplied"][0]["message"].startswith("2 reviews before these were not passed on.")
    assert all("takes no instructions" in entry["message"] for entry in review["notApplied"])


@pytest.mark.parametrize("review", [None, {}, {"notes": " "}, {"earlier": [{"notes": ""}]}])
def test_without_a_note_there_is_nothing_to_answer(review: Any, call: dict[str, Any]) -> None:
    call["review"] = review
    assert "review" not in answer(call)["payload"]["content"]["deliverable"]["metadata"]


@pytest.mark.parametrize("event", [{}, {"mode": "build"}, [], None])
def test_a_malformed_call_fails_with_a_reason(event: Any) -> None:
    assert "must be an object" in reason(answer(event))


def test_malformed_results_are_named_on_the_page(call: dict[str, Any]) -> None:
    call["payload"]["context"]["queryResults"] = "select *"
    answered = answer(call)
    assert answered["success"] is True
    content = answered["payload"]["content"]["deliverable"]["content"]
    assert "context.queryResults must be a JSON list of rows, but is not JSON" in content


def test_rows_that_contradict_each_other_are_named_on_the_page(call: dict[str, Any]) -> None:
    rows = json.loads(call["payload"]["context"]["queryResults"])
    rows[1]["aggregation"] = "avg"
    call["payload"]["context"]["queryResults"] = json.dumps(rows)
    content = answer(call)["payload"]["content"]["deliverable"]["content"]
    assert "context.queryResults must give one aggregation for revenue, but gives avg and sum" in content
