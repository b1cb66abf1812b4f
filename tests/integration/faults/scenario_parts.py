"""Definitions, agents and people for scenarios. All of them are deterministic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.faults.aws import Event, Task
from tests.integration.faults.scenario_runner import Definition
from tests.integration.faults.simulation import Action

OPTIONS = [{"action": "continue"}, {"action": "retry", "allows_modification": True}, {"action": "abort"}]
RETRY_ONCE = {"retry_count": 1, "initial_delay_seconds": 1}


def definition(
    name: str, steps: Sequence[Mapping[str, Any]], retries: Mapping[str, Any] = RETRY_ONCE, **execution: Any
) -> Definition:
    """Steps are ``{"id", "depends_on", …}``; the other required fields of an agent's step are filled in."""
    return {
        "metadata": {"name": name, "displayName": name, "version": "1.0.0", "description": "A test's."},
        "orchestration": {
            "execution": execution,
            "error_handling": {"on_step_failure": retries},
            "steps": [_step(step) for step in steps],
        },
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    if "orchestration" in step:
        return {"type": "orchestration", **step}
    return {
        "type": "agent",
        "agent": "summarizer",
        "mode": "BUILD",
        "input": {"userMessage": step["id"]},
        "output_mapping": {"text": "$.content.deliverable.content", "document": "$.content.deliverable.id"},
        **step,
    }


def checkpoint(question: str = "Go on?", **more: Any) -> dict[str, Any]:
    return {"question": question, "options": OPTIONS, **more}


def echo(task: Task) -> dict[str, Any]:
    """An agent that answers with its input."""
    deliverable = {
        "type": "echo",
        "format": "text",
        "title": task["run"]["stepId"],
        "content": task["payload"]["userMessage"],
        "metadata": task["payload"].get("context", {}),
    }
    return {"success": True, "mode": "build", "payload": {"content": {"deliverable": deliverable}, "metadata": {}}}


def refuse(task: Task, *, retryable: bool = True) -> dict[str, Any]:
    metadata = {"reason": "busy", "retryable": retryable}
    return {"success": False, "mode": "build", "payload": {"content": {}, "metadata": metadata}}


def is_try(task: Task, step_id: str, attempt_number: int | None = None) -> bool:
    """Whether the task is that attempt, or any, of the step."""
    return task["run"]["stepId"] == step_id and attempt_number in (None, task["run"]["attemptNumber"])


def reviewer(event: Event) -> Action | None:
    """A person who continues at every checkpoint."""
    return decision(event, "continue", notes="fine")


def decision(event: Event, taken: str, **more: Any) -> Action | None:
    """The decision for every checkpoint that opens."""
    if event["type"] != "orchestration.checkpoint.requested":
        return None
    return lambda client: client.decide(event["data"]["approvalId"], taken, **more)
