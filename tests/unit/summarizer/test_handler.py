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


def test_the_metadata_say_what_the_page_says(call: dict[str, Any]) -> None:
    metadata = answer(call)["payload"]["content"]["deliverable"]["metadata"]
    assert metadata["kpiNames"] == ["revenue"]
    assert metadata["grouping"] == "month"
    assert metadata["rowCount"] == 3
    assert metadata["periods"] == ["2024-07-01", "2024-08-01", "2024-09-01"]
    (figures,) = metadata["figures"]
    assert figures["value"] == "1292258.28"
    assert figures["best"] == {"period": "2024-09-01", "value": "446902.11"}
    assert figures["change"] == {"difference": "34556.44", "percent": "8.3805"}


def test_the_same_call_gets_the_same_answer(call: dict[str, Any]) -> None:
    assert answer(call) == answer(call)


def test_a_call_without_a_context_fails_with_a_reason(call: dict[str, Any]) -> None:
    del call["payload"]["context"]
    assert reason(answer(call)) == "context.grouping must be day, week or month, but is missing"


@pytest.mark.parametrize("event", [{}, {"mode": "build"}, [], None])
def test_what_is_no_call_fails_with_a_reason(event: Any) -> None:
    assert "must be an object" in reason(answer(event))


def test_malformed_results_fail_naming_the_field(call: dict[str, Any]) -> None:
    call["payload"]["context"]["queryResults"] = "select *"
    assert reason(answer(call)).startswith("context.queryResults must be a JSON list of rows, but is not JSON")


def test_rows_that_contradict_each_other_fail_naming_the_kpi(call: dict[str, Any]) -> None:
    rows = json.loads(call["payload"]["context"]["queryResults"])
    rows[1]["aggregation"] = "avg"
    call["payload"]["context"]["queryResults"] = json.dumps(rows)
    assert reason(answer(call)) == ("context.queryResults must give one aggregation for revenue, but gives avg and sum")
