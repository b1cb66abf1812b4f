"""The runs that are put through every kill, and their agents and people. All of them are the same every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from local.checkout import ROOT
from tests.integration.faults.aws import Event, Task
from tests.integration.faults.rig import Definition, Scenario
from tests.integration.faults.world import Act

OPTIONS = [{"action": "continue"}, {"action": "retry", "allows_modification": True}, {"action": "abort"}]
RETRY_ONCE = {"retry_count": 1, "initial_delay_seconds": 1}


def definition(
    name: str, steps: Sequence[Mapping[str, Any]], retries: Mapping[str, Any] = RETRY_ONCE, **execution: Any
) -> Definition:
    """Steps are ``{"id", "depends_on", …}``; all that an agent's step must have is filled in."""
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
    """An agent that answers with what it was told."""
    deliverable = {
        "type": "echo",
        "format": "text",
        "title": task["run"]["stepId"],
        "content": task["payload"]["userMessage"],
        "metadata": task["payload"].get("context", {}),
    }
    return {"success": True, "mode": "build", "payload": {"content": {"deliverable": deliverable}, "metadata": {}}}


def refuse(task: Task) -> dict[str, Any]:
    return {
        "success": False,
        "mode": "build",
        "payload": {"content": {}, "metadata": {"reason": "busy", "retryable": True}},
    }


def _kpi_agent(task: Task) -> dict[str, Any]:
    """The first fetch fails once by itself; whatever a person wants, it gives."""
    if task["run"]["stepId"] == "fetch-kpi-data" and task["run"]["attemptNumber"] == 1:
        return refuse(task)
    return echo(task)


def reviewer(event: Event) -> Act | None:
    """Goes on with everything as it is."""
    return decision(event, "continue", notes="fine")


def decision(event: Event, taken: str, **more: Any) -> Act | None:
    """Taken at every checkpoint that opens."""
    if event["type"] != "orchestration.checkpoint.opened":
        return None
    return lambda desk: desk.decide(event["data"]["approvalId"], taken, **more)


def _weekly_once(event: Event) -> Act | None:
    if event["data"].get("attemptNumber") == 2:
        changed = {"grouping": "week", "context": {"kpiNames": ["arr"]}}
        return decision(event, "retry", modifications=changed)
    return reviewer(event)


KPI_TRACKING = yaml.safe_load((ROOT / "definitions/orchestrations/kpi-tracking.yaml").read_text(encoding="utf-8"))
KPI_TRACKING["metadata"]["name"] = "kpi-tracking-of-the-faults"

LINEAR = Scenario(
    "linear with a checkpoint and a person's retry",
    [KPI_TRACKING],
    _kpi_agent,
    _weekly_once,
    {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30"},
)

N_SHAPED = Scenario(
    "N-shaped with maxParallel 2",
    [
        definition(
            "n-shaped",
            [
                {"id": "a"},
                {"id": "b"},
                {"id": "c", "depends_on": ["a"]},
                {
                    "id": "d",
                    "depends_on": ["a", "b"],
                    "input": {"userMessage": "{{ steps.a.text }} and {{ steps.b.text }}"},
                },
                {"id": "e"},
            ],
            concurrency={"maxParallel": 2},
        )
    ],
    echo,
    seed=1,
)

PARALLEL = Scenario(
    "side by side with a checkpoint each",
    [
        definition(
            "side-by-side",
            [
                {"id": "a"},
                {"id": "b", "depends_on": ["a"], "checkpoint_after": checkpoint()},
                {"id": "c", "depends_on": ["a"], "checkpoint_after": checkpoint()},
                {"id": "d", "depends_on": ["b", "c"]},
            ],
        )
    ],
    echo,
    reviewer,
    seed=2,
)

CHILD = Scenario(
    "a child run",
    [
        definition(
            "parent",
            [
                {"id": "child", "orchestration": {"name": "inner", "parameters": {}}},
                {
                    "id": "after",
                    "depends_on": ["child"],
                    "input": {"userMessage": "{{ steps.child.results.last.text }}"},
                },
            ],
        ),
        definition(
            "inner", [{"id": "first", "checkpoint_after": checkpoint()}, {"id": "last", "depends_on": ["first"]}]
        ),
    ],
    echo,
    reviewer,
)

FAILING = Scenario(
    "a step that exhausts its budget",
    [definition("failing", [{"id": "a"}, {"id": "b", "depends_on": ["a"]}])],
    lambda task: refuse(task) if task["run"]["stepId"] == "b" else echo(task),
)

ITEMS = Scenario(
    "items, one of which may fail",
    [
        definition(
            "items",
            [
                {
                    "id": "each",
                    "for_each": ["x", "y"],
                    "as": "item",
                    "max_parallel": 2,
                    "input": {"userMessage": "{{ item }}"},
                },
                {"id": "may-fail", "continue_on_failure": True},
                {"id": "never", "depends_on": ["each"], "when": "{{ steps.each.text }} == 'none'"},
                {"id": "last", "depends_on": ["never", "may-fail"]},
            ],
        )
    ],
    lambda task: refuse(task) if task["run"]["stepId"] == "may-fail" else echo(task),
    seed=3,
)

SCENARIOS = (LINEAR, N_SHAPED, PARALLEL, CHILD, FAILING, ITEMS)
