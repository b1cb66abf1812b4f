"""Orchestration steps: a child run is prepared, run by its own execution, and collected from its record."""

from __future__ import annotations

import uuid
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from baton.errors import StaleGeneration, StepExhausted
from baton.model import RunStatus
from baton.ports.recovery import SettleCommand
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.run_child import child_id

from .engine import FETCH, MACHINES, PARAMETERS, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal

REVIEW = """
    metadata: {name: review, displayName: Review, version: 1.0.0, description: runs kpi-tracking and briefs on it}
    orchestration:
      parameters:
        - {name: start_date, type: date, required: true}
        - {name: end_date, type: date, required: true}
      steps:
        - id: run-kpi-tracking
          name: Run KPI tracking
          type: orchestration
          orchestration:
            name: kpi-tracking
            parameters: {kpi_names: [revenue], start_date: "{{ start_date }}", end_date: "{{ end_date }}"}
        - id: brief
          name: Brief
          agent: summarizer
          depends_on: [run-kpi-tracking]
          input:
            context:
              status: "{{ steps.run-kpi-tracking.status }}"
              results: "{{ steps.run-kpi-tracking.results }}"
"""
CHILD = "run-kpi-tracking"
RANGE = {"start_date": PARAMETERS["start_date"], "end_date": PARAMETERS["end_date"]}


@pytest.fixture
def parent(engine: EngineFixture) -> LaunchedRun:
    return engine.start(REVIEW, **RANGE)


def finish_child(engine: EngineFixture, child: str) -> None:
    engine.agents.script = [kpi_answer(), answer("# Summary")]
    engine.step(child, FETCH)
    approval = engine.checkpoint(engine.of(child), FETCH)
    engine.decide(approval, "continue")
    engine.step(child, SUMMARIZE)


def test_a_child_run_is_prepared_for_its_own_execution(engine: EngineFixture, parent: LaunchedRun) -> None:
    prepared = engine.step(parent, CHILD, "prepare")
    child = str(child_id(parent.run_id, CHILD, 1))
    assert prepared == {
        "status": "start",
        "machine": f"{MACHINES}kpi-tracking",
        "name": f"{child}-1",
        "input": {"run_id": child, "generation": 1},
    }
    row = engine.run(engine.of(child))
    defaults = {"grouping": "day", "companies": [], "departments": [], "breakdown": None}
    assert row["parameters"] == {"kpi_names": ["revenue"], **RANGE, **defaults}
    assert (str(row["parent_run_id"]), str(row["root_run_id"]), row["depth"]) == (parent.run_id, parent.run_id, 2)
    assert engine.event_types(engine.of(child)) == ["run.created"]


def test_the_next_steps_see_the_results_of_the_child(engine: EngineFixture, parent: LaunchedRun) -> None:
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    finish_child(engine, child)
    assert engine.step(parent, CHILD, "collect") == {"step_id": CHILD, "status": "completed"}
    outputs = engine.run(parent)["results"]["steps"][CHILD]
    assert outputs["status"] == "completed"
    assert outputs["results"][SUMMARIZE]["summary"] == "# Summary"
    assert outputs["completedSteps"] == [FETCH, SUMMARIZE]
    assert outputs["orchestrationRunId"] == child
    assert outputs["timings"]["durationSeconds"] > 0
    assert outputs["errorDetails"] is None
    engine.agents.script = [answer()]
    engine.step(parent, "brief")
    assert engine.agents.asked[-1]["payload"]["context"]["results"][SUMMARIZE]["summary"] == "# Summary"
    assert engine.run(parent)["status"] == "completed"


def test_a_child_that_is_prepared_again_gets_its_next_generation(engine: EngineFixture, parent: LaunchedRun) -> None:
    first = engine.step(parent, CHILD, "prepare")
    again = engine.step(parent, CHILD, "prepare")
    assert again["input"] == {"run_id": first["input"]["run_id"], "generation": 2}
    assert len(engine.all("select 1 from orchestration_runs")) == 2
    assert engine.event_types(parent).count("step.running") == 1


def test_a_late_call_leaves_the_child_to_the_newer_call_of_its_task(engine: EngineFixture, parent: LaunchedRun) -> None:
    """Step Functions has given the first call up and tried again; then the first call goes on."""
    prepare, later = engine.actions["prepare"], []

    def insert(**child: Any) -> Any:
        if not later:
            later.append(None)  # only the first call is late
            later[0] = engine.step(parent, CHILD, "prepare")
        return prepare.children.insert(**child)

    late = replace(prepare, children=SimpleNamespace(insert=insert))
    with pytest.raises(StaleGeneration):
        late(engine.delivery(parent, CHILD, "prepare"), lambda: 120.0)
    assert engine.run(engine.of(later[0]["input"]["run_id"]))["generation"] == later[0]["input"]["generation"] == 1


def test_a_completed_child_is_not_started_again(engine: EngineFixture, parent: LaunchedRun) -> None:
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    finish_child(engine, child)
    assert engine.step(parent, CHILD, "prepare") == {"status": "done", "outcome": "completed"}
    engine.step(parent, CHILD, "collect")
    assert engine.step(parent, CHILD, "prepare") == {"status": "done", "outcome": "completed"}


def fail_child(engine: EngineFixture, parent: LaunchedRun) -> str:
    child = str(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [refusal("unknown KPI", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(child, FETCH)
    return child


def test_a_failed_child_fails_the_parents_step(engine: EngineFixture, parent: LaunchedRun) -> None:
    child = fail_child(engine, parent)
    with pytest.raises(StepExhausted, match="unknown KPI"):
        engine.step(parent, CHILD, "collect")
    error = engine.run(parent)["error"]
    assert (error["stepId"], error["type"]) == (CHILD, "ChildFailed")
    assert child in error["message"]
    assert FETCH in error["message"]


def test_on_child_failure_continue_lets_the_next_steps_see_that_it_failed(engine: EngineFixture) -> None:
    tolerant = REVIEW.replace("type: orchestration", "type: orchestration\n          on_child_failure: continue")
    parent = engine.start(tolerant, **RANGE)
    fail_child(engine, parent)
    assert engine.step(parent, CHILD, "collect")["status"] == "completed"
    engine.agents.script = [answer()]
    engine.step(parent, "brief")
    assert engine.agents.asked[-1]["payload"]["context"]["status"] == "failed"
    outputs = engine.run(parent)["results"]["steps"][CHILD]
    assert outputs["errorDetails"]["message"] == "unknown KPI"


def test_a_child_that_is_open_when_its_parent_collects_it_is_ended(engine: EngineFixture, parent: LaunchedRun) -> None:
    """Its execution did not start, or the step's Task did not wait for its end."""
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child.run_id, FETCH)
    engine.checkpoint(child, FETCH)
    with pytest.raises(StepExhausted, match="waits no longer"):
        engine.step(parent, CHILD, "collect")
    assert [engine.run(run)["status"] for run in (child, parent)] == ["aborted", "failed"]
    assert engine.status(child, FETCH) == "skipped"
    assert engine.one("select status from human_approvals")["status"] == "closed"
    assert engine.effects.kinds().count("stop") == 1
    assert engine.event_types(child)[-1] == "run.aborted"
    assert engine.event_types(parent).count("step.running") == 1


def test_a_child_that_completes_just_before_its_parent_ends_it_stays_completed(
    engine: EngineFixture, parent: LaunchedRun
) -> None:
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    collect = engine.actions["collect"]
    abort = collect.children.abort

    def too_late(*arguments: Any) -> Any:
        finish_child(engine, child)
        return abort(*arguments)

    engine.actions["collect"] = replace(collect, children=SimpleNamespace(abort=too_late))
    assert engine.step(parent, CHILD, "collect")["status"] == "completed"
    assert engine.run(parent)["results"]["steps"][CHILD]["status"] == "completed"
    assert "stop" not in engine.effects.kinds()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: kpi-tracking", "name: no-such-orchestration"), "no orchestration no-such-orchestration"),
        (("kpi_names: [revenue], ", ""), "kpi_names"),
        (('"{{ start_date }}"', "2099-01-01"), "The range ends before it starts"),
    ],
)
def test_a_child_that_cannot_be_inserted_fails_the_step(
    engine: EngineFixture, change: tuple[str, str], message: str
) -> None:
    parent = engine.start(REVIEW.replace(*change), **RANGE)
    with pytest.raises(StepExhausted, match=message):
        engine.step(parent, CHILD, "prepare")
    assert len(engine.all("select 1 from orchestration_runs")) == 1


def test_the_step_function_ends_only_child_runs(engine: EngineFixture, parent: LaunchedRun) -> None:
    children = engine.actions["collect"].children
    assert children.abort(parent.run_id, 1, "not a child") == ()
    assert (
        children.settle(SettleCommand(parent.run_id, 1, RunStatus.FAILED, {"type": "Crash", "message": "it broke"}))
        == ()
    )
    assert engine.run(parent)["status"] == "pending"


def test_a_child_of_another_run_stays_as_it_is(engine: EngineFixture, parent: LaunchedRun) -> None:
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    other = engine.launch(orchestration="review", parameters=RANGE)
    prepare = engine.actions["prepare"]

    def insert(**wanted: Any) -> Any:
        return prepare.children.insert(**{**wanted, "child_id": child})

    with pytest.raises(StaleGeneration):
        replace(prepare, children=SimpleNamespace(insert=insert))(
            engine.delivery(other, CHILD, "prepare"), lambda: 120.0
        )
    row = engine.run(engine.of(child))
    assert (row["generation"], str(row["parent_run_id"])) == (1, parent.run_id)


def test_orchestrations_nest_at_most_five_deep(engine: EngineFixture, parent: LaunchedRun) -> None:
    ancestor: Any = uuid.UUID(parent.run_id)
    engine.owner.execute("update orchestration_runs set depth = 5 where id = %s", (ancestor,))
    with pytest.raises(StepExhausted, match="5 deep"):
        engine.step(parent, CHILD, "prepare")
