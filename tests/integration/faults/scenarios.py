"""The runs that ``test_kills`` plays with every kill."""

from __future__ import annotations

from typing import Any

import yaml

from cli.checkout import ROOT
from tests.integration.faults.aws import Event, Task
from tests.integration.faults.scenario_parts import checkpoint, decision, definition, echo, is_try, refuse, reviewer
from tests.integration.faults.scenario_runner import Scenario
from tests.integration.faults.simulation import Action


def _kpi_agent(task: Task) -> dict[str, Any]:
    """The first fetch fails once by itself; then the agent answers with its input."""
    return refuse(task) if is_try(task, "fetch-kpi-data", 1) else echo(task)


def _weekly_once(event: Event) -> Action | None:
    """Asks for a retry of the second attempt, which is the first that it sees."""
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
    lambda task: refuse(task) if is_try(task, "b") else echo(task),
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
    lambda task: refuse(task) if is_try(task, "may-fail") else echo(task),
    seed=3,
)

LAST = Scenario(
    "a checkpoint on the last step",
    [definition("reviewed", [{"id": "a", "checkpoint_after": checkpoint()}])],
    echo,
    reviewer,
)

EXPIRING = Scenario(
    "checkpoints that nobody answers",
    [
        definition(
            "expiring",
            [
                {"id": "a", "checkpoint_after": checkpoint(timeout_seconds=3600, on_timeout="continue")},
                {
                    "id": "b",
                    "depends_on": ["a"],
                    "checkpoint_after": checkpoint(timeout_seconds=7200, on_timeout="abort"),
                },
            ],
        )
    ],
    echo,
    cold_seconds=5,  # so the first Task times out before its approval
)


def _repair(event: Event) -> Action | None:
    """Retries the first failed step with other input, and skips the second."""
    if event["type"] != "orchestration.run.failed":
        return None
    if event["data"]["stepId"] == "a":
        return lambda client: client.retry(event["run"]["id"], modifications={"userMessage": "better"})
    return lambda client: client.skip(event["run"]["id"], replacement_output={"text": "instead"})


REPAIRED = Scenario(
    "a failed run that is retried, and one step skipped",
    [
        definition(
            "repaired",
            [
                {"id": "a"},
                {"id": "b", "depends_on": ["a"]},
                {"id": "c", "depends_on": ["b"], "input": {"userMessage": "{{ steps.a.text }}, {{ steps.b.text }}"}},
            ],
        )
    ],
    lambda task: refuse(task, retryable=False) if is_try(task, "a", 1) or is_try(task, "b") else echo(task),
    _repair,
)


def _abort_all(event: Event) -> Action | None:
    if event["type"] != "orchestration.checkpoint.requested":
        return None
    return lambda client: client.abort(client.root_of(event["run"]["id"]))


ABORTED = Scenario(
    "aborted while its child run waits for a person",
    [
        definition("aborted", [{"id": "child", "orchestration": {"name": "asking", "parameters": {}}}]),
        definition("asking", [{"id": "a", "checkpoint_after": checkpoint()}, {"id": "b", "depends_on": ["a"]}]),
    ],
    echo,
    _abort_all,
)


def _fork(event: Event) -> Action | None:
    if (event["type"], event["data"].get("stepId")) != ("orchestration.step.completed", "a"):
        return None
    return lambda client: client.fork(event["run"]["id"], "b", modifications={"userMessage": "otherwise"})


FORKED = Scenario(
    "forked",
    [definition("forked", [{"id": "a"}, {"id": "b", "depends_on": ["a"]}])],
    echo,
    _fork,
)


def _stop(event: Event) -> Action | None:
    """Stops the execution itself, in the console."""
    if event["type"] != "orchestration.checkpoint.requested":
        return None
    return lambda client: client.stop(event["run"]["id"])


STOPPED = Scenario(
    "stopped in the console",
    [definition("stopped", [{"id": "a", "checkpoint_after": checkpoint()}])],
    echo,
    _stop,
)

LOST = Scenario(
    "stopped, and nobody was told",
    STOPPED.definitions,
    echo,
    _stop,
    ends_are_reported=False,
)

SCENARIOS = (
    LINEAR,
    N_SHAPED,
    PARALLEL,
    CHILD,
    FAILING,
    ITEMS,
    LAST,
    EXPIRING,
    REPAIRED,
    ABORTED,
    FORKED,
    STOPPED,
    LOST,
)
