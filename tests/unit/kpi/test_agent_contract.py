"""The JSON of a call to an agent and of its answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baton.agents.contract import AgentTask, Deliverable, failure, success
from baton.errors import Malformed

EVENT = json.loads(
    (Path(__file__).parents[3] / "functions" / "supabase_agent" / "event.json").read_text(encoding="utf-8")
)


def test_a_call_is_read_into_a_task() -> None:
    task = AgentTask.parse({**EVENT, "mode": "BUILD"})
    assert (task.mode, task.agent, task.organization) == ("build", "supabase-agent", "demo")
    assert task.idempotency_key.endswith(":fetch-kpi-data:1")
    assert task.context["kpiNames"] == ["revenue", "expenses", "profit_margin"]
    assert task.payload["context"] == task.context


def test_message_and_context_may_be_left_out() -> None:
    task = AgentTask.parse({**EVENT, "payload": {"question": "why?"}})
    assert (task.user_message, task.context, task.payload) == ("", {}, {"question": "why?"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payload": None}, "payload must be an object, but is missing"),
        ({"organization": 7}, "organization must be a string, but is a number"),
        ({"run": []}, "run must be an object, but is a list"),
        ({"payload": {"context": "x"}}, "payload.context must be an object"),
    ],
)
def test_a_malformed_call_names_the_field(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        AgentTask.parse({**EVENT, **changes})


def test_a_success_carries_the_deliverable_and_its_metadata() -> None:
    deliverable = Deliverable("analysis", "json", "Revenue", "[]", {"rowCount": 0})
    assert success(deliverable, model="none") == {
        "success": True,
        "mode": "build",
        "payload": {
            "content": {
                "deliverable": {
                    "type": "analysis",
                    "format": "json",
                    "title": "Revenue",
                    "content": "[]",
                    "metadata": {"rowCount": 0},
                }
            },
            "metadata": {"model": "none"},
        },
    }


def test_a_failure_says_why_and_whether_to_try_again() -> None:
    assert failure("no such KPI", retryable=False) == {
        "success": False,
        "mode": "build",
        "payload": {"content": {}, "metadata": {"reason": "no such KPI", "retryable": False}},
    }
