"""The history of an execution: the record counts its events, and a run goes on in its next execution before it is full.

Nothing that is at work is lost, and nothing is done twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baton import history
from baton.errors import ChildMovedOn, StaleGeneration
from baton.model import BeginOutcome, RunStatus
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .fakes import answer
from .preparations import N_SHAPE
from .test_children import CHILD, RANGE, REVIEW
from .test_items import REGIONS
from .test_reconcile import STOPPED, ReconcileFixture, reconciliation

__all__ = ["reconciliation"]


def fill(engine: EngineFixture, run_id: str, events: int = history.FULL_EVENTS) -> None:
    engine.owner.execute("update baton.executions set history_events = %s where run_id = %s", (events, run_id))


def counted(engine: EngineFixture, run: LaunchedRun, generation: int = 1) -> int:
    query = "select history_events from baton.executions where run_id = %s and generation = %s"
    return int(engine.one(query, run.run_id, generation)["history_events"])


def ordered(engine: EngineFixture) -> list[tuple[str, int]]:
    """The starts and stops that the relay must deliver now, in their order."""
    query = (
        "select kind, (payload ->> 'generation')::int as generation from baton.outbox"
        " where kind in ('start', 'stop') and available_at <= clock_timestamp() order by position"
    )
    return [(row["kind"], row["generation"]) for row in engine.all(query)]


def test_a_run_whose_history_is_nearly_full_goes_on_in_its_next_execution(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    fill(engine, run.run_id)
    with pytest.raises(StaleGeneration, match="moved on"):
        engine.step(run, "a")
    assert engine.status(run, "a") == "pending"
    assert engine.run(run)["generation"] == 2
    assert ordered(engine) == [("stop", 1), ("start", 2)]
    with pytest.raises(StaleGeneration):
        engine.step(run, "b")
    engine.agents.script = [answer() for _ in "abcd"]
    for step_id in "abcd":
        engine.step(run, step_id, generation=2)
    assert engine.run(run)["status"] == "completed"
    assert counted(engine, run, 2) < history.FULL_EVENTS


def test_the_step_that_would_fill_the_history_is_the_first_of_the_next_execution(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    delivery = replace(engine.delivery(run, "a", "run"), history_events=9)
    fill(engine, run.run_id, history.FULL_EVENTS - 10)
    assert engine.settle_step.record.begin(delivery, 60.0).outcome is BeginOutcome.BEGUN
    assert counted(engine, run) == history.FULL_EVENTS - 1
    delivery = replace(engine.delivery(run, "b", "run"), history_events=9)
    assert engine.settle_step.record.begin(delivery, 60.0).outcome is BeginOutcome.MOVED_ON


def test_work_that_is_under_way_is_kept_and_not_done_again(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    seen = []

    def at_work() -> dict[str, Any]:
        fill(engine, run.run_id)
        with pytest.raises(StaleGeneration):
            engine.step(run, "b")
        again = engine.settle_step.record.begin(engine.delivery(run, "a", "run", generation=2), 60.0)
        seen.append(again.outcome)
        return answer("from the first execution")

    engine.agents.script = [at_work]
    assert engine.step(run, "a")["status"] == "completed"
    assert seen == [BeginOutcome.IN_PROGRESS]
    assert engine.step(run, "a", generation=2)["status"] == "completed"
    assert [task["idempotencyKey"] for task in engine.agents.asked] == [f"{run.run_id}:a:1"]
    assert engine.step_row(run, "a")["failures"] == 0


def test_work_whose_function_died_is_taken_over_when_its_lease_is_over(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    engine.settle_step.record.begin(engine.delivery(run, "a", "run"), 60.0)
    fill(engine, run.run_id)
    with pytest.raises(StaleGeneration):
        engine.step(run, "b")
    engine.owner.execute("update orchestration_step_attempts set lease_until = clock_timestamp()")
    engine.agents.script = [answer()]
    assert engine.step(run, "a", generation=2)["status"] == "completed"
    assert engine.step_row(run, "a")["failures"] == 0


def test_each_retry_of_a_task_counts_once(engine: EngineFixture) -> None:
    """Step Functions tells how often it has tried, also where the try did not reach the function."""
    run = engine.start(N_SHAPE)
    first = engine.delivery(run, "a", "run", key="execution|a|entered|0")
    for retry_count in (0, 1, 1, 7):
        delivery = replace(
            first,
            attempt_key=f"execution|a|entered|{retry_count}",
            history_events=9 + 3 * retry_count,
            delivery_id=engine.delivery(run, "a", "run").delivery_id,
        )
        engine.owner.execute("update orchestration_step_attempts set lease_until = '-infinity'")
        engine.settle_step.record.begin(delivery, 60.0)
    assert counted(engine, run) == 9 + 3 * 7


@pytest.mark.parametrize("other", [{"step_id": "nowhere"}, {"execution": "arn:of:a:copy"}], ids=str)
def test_a_call_about_another_step_or_execution_does_not_count(engine: EngineFixture, other: dict[str, str]) -> None:
    run = engine.start(N_SHAPE)
    delivery = replace(engine.delivery(run, "a", "run"), history_events=9, **other)
    engine.settle_step.record.begin(delivery, 60.0)
    assert counted(engine, run) == 0


def test_gates_checkpoints_and_settling_count(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d")
    gate = counted(engine, run)
    assert gate == history.of_waiting(0)


def test_the_next_execution_does_not_repeat_the_items_that_are_done(engine: EngineFixture) -> None:
    run = engine.start(REGIONS, regions=["north", "south", "east"])
    assert engine.step(run, "report", "expand")["items"] == [0, 1, 2]
    engine.agents.script = [answer()]
    engine.step(run, "report[1]")
    fill(engine, run.run_id)
    with pytest.raises(StaleGeneration):
        engine.step(run, "report[0]")
    assert engine.step(run, "report", "expand", generation=2)["items"] == [0, 2]
    engine.agents.script = [answer(), answer()]
    for item in ("report[0]", "report[2]"):
        engine.step(run, item, generation=2)
    assert engine.step(run, "report", "gather", generation=2)["status"] in ("completed", "checkpoint")


# --- children -------------------------------------------------------------------------------------------------------


def test_a_child_goes_on_in_its_next_execution_which_its_parent_starts(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.start(REVIEW, **RANGE)
    prepared = engine.step(run, CHILD, "prepare")
    child = prepared["input"]["run_id"]
    fill(engine, child)
    with pytest.raises(StaleGeneration):
        engine.step(child, "fetch-kpi-data")
    assert ("stop", 1) in ordered(engine)
    assert reconciliation.report_end(child, STOPPED) == "stale_generation"
    collect = engine.actions["collect"]
    with pytest.raises(ChildMovedOn):
        collect(engine.delivery(run, CHILD, "collect"), lambda: 120.0, {"answer": prepared, "caught": {"Error": "x"}})
    again = engine.step(run, CHILD, "prepare")
    assert (again["status"], again["input"]["run_id"]) == ("start", child)
    assert again["input"]["generation"] > prepared["input"]["generation"]
    assert engine.run(engine.of(child))["status"] in (RunStatus.PENDING, RunStatus.RUNNING)
    assert engine.step_row(run, CHILD)["attempt_number"] == 1


def test_a_step_whose_time_is_over_does_not_wait_for_the_childs_next_execution(engine: EngineFixture) -> None:
    run = engine.start(REVIEW, **RANGE)
    prepared = engine.step(run, CHILD, "prepare")
    child = prepared["input"]["run_id"]
    fill(engine, child)
    with pytest.raises(StaleGeneration):
        engine.step(child, "fetch-kpi-data")
    caught = {"answer": prepared, "caught": {"Error": "States.Timeout"}}
    with pytest.raises(Exception, match="aborted"):
        engine.actions["collect"](engine.delivery(run, CHILD, "collect"), lambda: 120.0, caught)
    assert engine.run(engine.of(child))["status"] == "aborted"


def test_a_parent_takes_its_child_along_so_that_the_stop_of_the_childs_execution_ends_no_run(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    """AWS stops the execution of a child with that of its parent, and reports that it was aborted."""
    run = engine.start(REVIEW, **RANGE)
    child = engine.step(run, CHILD, "prepare")["input"]["run_id"]
    fill(engine, run.run_id)
    with pytest.raises(StaleGeneration):
        engine.step(run, CHILD, "collect")
    assert reconciliation.report_end(child, STOPPED) == "stale_generation"
    assert engine.run(engine.of(child))["is_open"]
    assert engine.step(run, CHILD, "prepare", generation=2)["status"] == "start"
