"""Child runs that fail: what their parent knows of them, and how it goes on without them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from baton.errors import RunEnded, StaleGeneration, StepExhausted, WrongMachine
from baton.model import ExecutionStatus
from baton.ports.recovery import ExecutionDescription
from baton.usecases.launch_run import LaunchedRun

from .engine import FETCH, MACHINES, EngineFixture
from .fakes import answer, kpi_answer
from .test_children import CHILD, RANGE, REVIEW, finish_child
from .test_forks import ForkOf, fork
from .test_reconcile import WRONG_MACHINE, ReconcileFixture, reconciliation
from .test_recovery import Operator, operator

__all__ = ["fork", "operator", "reconciliation"]

TOLERANT = REVIEW.replace("type: orchestration", "type: orchestration\n          on_child_failure: continue")


def brief(engine: EngineFixture, parent: LaunchedRun) -> None:
    """The next step runs and sees that the child failed; the parent completes."""
    engine.agents.script = [answer()]
    engine.step(parent, "brief")
    assert engine.agents.asked[-1]["payload"]["context"] == {"status": "failed", "results": None}
    assert engine.run(parent)["status"] == "completed"


def test_a_child_that_cannot_be_inserted_does_not_end_its_parent(engine: EngineFixture) -> None:
    parent = engine.start(TOLERANT.replace("kpi_names: [revenue], ", ""), **RANGE)
    with pytest.raises(StepExhausted, match="kpi_names"):
        engine.step(parent, CHILD, "prepare")
    assert engine.run(parent)["status"] == "running"
    assert engine.settle(parent, CHILD) == {"step_id": CHILD, "status": "failed"}
    brief(engine, parent)


def test_a_child_that_was_not_collected_is_ended_when_its_parent_goes_on(engine: EngineFixture) -> None:
    """Every try to collect the child crashed."""
    parent = engine.start(TOLERANT, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child.run_id, FETCH)
    engine.checkpoint(child, FETCH)
    engine.settle(parent, CHILD)

    assert (engine.run(child)["status"], engine.status(child, FETCH)) == ("aborted", "skipped")
    assert engine.one("select status from human_approvals")["status"] == "closed"
    assert engine.effects.kinds().count("stop") == 1
    with pytest.raises(RunEnded):
        engine.step(child.run_id, FETCH)
    brief(engine, parent)


@pytest.mark.parametrize(
    ("call", "refusal"), [({"generation": 2}, StaleGeneration), ({"digest": "another machine's"}, WrongMachine)]
)
def test_a_call_of_another_execution_or_machine_does_not_end_a_child(
    engine: EngineFixture, call: dict[str, Any], refusal: type[Exception]
) -> None:
    parent = engine.start(TOLERANT, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    with pytest.raises(refusal):
        engine.settle_step(engine.delivery(parent, CHILD, "settle", **call))
    assert (engine.status(parent, CHILD), engine.run(child)["status"]) == ("running", "pending")


def test_settling_a_failed_child_releases_the_gate_behind_it(engine: EngineFixture) -> None:
    beside = "        - {id: beside, name: Beside, agent: summarizer}\n"
    text = TOLERANT.replace("        - id: brief", f"{beside}        - id: brief")
    text = text.replace("depends_on: [run-kpi-tracking]", "depends_on: [run-kpi-tracking, beside]")
    parent = engine.start(text, **RANGE)
    engine.gate(parent, "brief", "the gate's token")
    engine.agents.script = [answer()]
    engine.step(parent, "beside")
    engine.step(parent, CHILD, "prepare")
    engine.settle(parent, CHILD)
    assert engine.released() == ["the gate's token"]


def end_of_child(**cause: str) -> dict[str, str]:
    """The error of the Task that waited for a child's execution."""
    return {"Error": "States.TaskFailed", "Cause": json.dumps(cause)}


def collect(engine: EngineFixture, parent: LaunchedRun, caught: dict[str, str], generation: int = 1) -> str:
    """The reason in the error of the parent's step."""
    delivery = engine.delivery(parent, CHILD, "collect", generation=generation)
    with pytest.raises(StepExhausted) as failed:
        engine.actions["collect"](delivery, lambda: 120.0, {"caught": caught})
    return str(failed.value)


def test_a_child_that_is_collected_before_its_end_is_reported_keeps_its_reason(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator
) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    reason = collect(engine, parent, end_of_child(Status="FAILED", Error="Runtime.OutOfMemory", Cause="out of memory"))
    assert "out of memory" in reason
    assert engine.run(child)["error"] == {"type": "Runtime.OutOfMemory", "message": "out of memory"}
    assert (
        reconciliation.report_end(
            child, ExecutionDescription(ExecutionStatus.FAILED, "Runtime.OutOfMemory", "out of memory")
        )
        == "ended"
    )
    operator.retry(parent)
    assert engine.step(parent, CHILD, "prepare", generation=2)["status"] == "start"


def test_a_child_whose_execution_was_stopped_is_aborted_with_the_runs_below_it(engine: EngineFixture) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    assert "is aborted" in collect(engine, parent, end_of_child(Status="ABORTED", Error="Stopped", Cause="by hand"))
    assert (engine.run(child)["status"], engine.status(child, FETCH)) == ("aborted", "skipped")
    assert "stop" not in engine.effects.kinds()


@pytest.mark.parametrize(
    "caught",
    [
        {"Error": "States.Timeout", "Cause": ""},
        {"Error": "StepFunctions.ExecutionLimitExceeded", "Cause": "too many"},
        {"Error": "States.TaskFailed", "Cause": "not JSON"},
        {"Error": "States.TaskFailed", "Cause": "[]"},
    ],
)
def test_a_child_whose_execution_may_still_run_is_stopped(engine: EngineFixture, caught: dict[str, str]) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    assert "waits no longer" in collect(engine, parent, caught)
    assert engine.run(child)["status"] == "aborted"
    assert "stop" in engine.effects.kinds()


def test_a_child_whose_execution_has_ended_before_it_was_started_again_counts_as_its_record_says(
    engine: EngineFixture,
) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    finish_child(engine, child)
    caught = {"Error": "StepFunctions.ExecutionAlreadyExistsException", "Cause": "ended"}
    collected = engine.actions["collect"](engine.delivery(parent, CHILD, "collect"), lambda: 120.0, {"caught": caught})
    assert collected == {"step_id": CHILD, "status": "completed"}


@pytest.mark.parametrize("description", [{}, {"Status": "FAILED", "Error": "WrongMachine", "Cause": "deployed anew"}])
def test_a_child_whose_machine_has_changed_goes_on_when_its_root_is_retried(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator, description: dict[str, str]
) -> None:
    """Its parent collected it before the event about its execution arrived."""
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    with pytest.raises(WrongMachine):
        engine.step(child.run_id, FETCH, digest="deployed-anew")
    collect(engine, parent, end_of_child(**description))
    reconciliation.report_end(child, WRONG_MACHINE)
    operator.retry(parent)
    prepared = engine.step(parent, CHILD, "prepare", generation=2)
    (made,) = reconciliation.machines.machines
    assert [prepared["machine"]] == [f"{MACHINES}{name}" for name in reconciliation.machines.names]
    engine.agents.script = [kpi_answer()]
    generation = prepared["input"]["generation"]
    assert engine.step(child, FETCH, generation=generation, digest=made.digest)["status"] == "checkpoint"


def test_forks_and_children_also_go_on_without_their_children(engine: EngineFixture, fork: ForkOf) -> None:
    parent = engine.start(TOLERANT, **RANGE)
    engine.settle(parent, CHILD)
    brief(engine, parent)
    forked = engine.of(fork(parent, CHILD).run_id)
    outer = TOLERANT.replace("name: review,", "name: outer,").replace(
        "name: kpi-tracking\n            parameters: {kpi_names: [revenue], ", "name: review\n            parameters: {"
    )
    inner = engine.of(engine.step(engine.start(outer, **RANGE), CHILD, "prepare")["input"]["run_id"])
    for run in (forked, inner):
        assert engine.settle(run, CHILD) == {"step_id": CHILD, "status": "failed"}
        brief(engine, run)
