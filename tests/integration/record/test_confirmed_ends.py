"""Executions that should be over are looked at until they are, and executions that nobody ordered are reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from baton.model import ExecutionStatus
from baton.ports.recovery import ExecutionDescription
from baton.store.database import Database
from baton.store.recovery import ExecutionEnds
from baton.usecases.confirm_ends import ConfirmEnds, FindUnknownExecutions
from baton.usecases.launch_run import LaunchedRun

from .engine import ENGINE, MACHINES, EngineFixture
from .preparations import N_SHAPE, complete_steps
from .test_reconcile import STOPPED, TIMED_OUT, FakeExecutions, ReconcileFixture, reconciliation
from .test_recovery import Operator, fail, operator

__all__ = ["operator", "reconciliation"]

RUNNING = ExecutionDescription(ExecutionStatus.RUNNING)
SUCCEEDED = ExecutionDescription(ExecutionStatus.SUCCEEDED)
MUCH_TIME = 60.0


@dataclass
class SweepFixture:
    engine: EngineFixture
    confirm: ConfirmEnds
    executions: FakeExecutions
    failures: list[str]

    def __call__(self, seconds: float = MUCH_TIME) -> dict[str, int]:
        """A sweep at a time when every expected end is due."""
        self.engine.owner.execute("update baton.executions set check_at = now() where check_at is not null")
        self.engine.effects.effects.clear()
        return self.confirm(lambda: seconds)

    def step_functions_reports(self, run: LaunchedRun, generation: int, description: ExecutionDescription) -> None:
        self.executions.descriptions[f"{run.run_id}-{generation}"] = description

    def stopped(self) -> list[str]:
        return [effect.payload["execution"] for effect in self.engine.effects.effects if effect.kind == "stop"]

    def row(self, run: LaunchedRun, generation: int = 1) -> dict[str, Any]:
        query = "select *, check_at - now() as wait from baton.executions where run_id = %s and generation = %s"
        return self.engine.one(query, run.run_id, generation)


@pytest.fixture
def record(login_url: Any) -> Iterator[ExecutionEnds]:
    with closing(Database(login_url("reconcile"))) as database:
        yield ExecutionEnds(database, ENGINE.id)


@pytest.fixture
def sweep(engine: EngineFixture, record: ExecutionEnds) -> SweepFixture:
    executions, failures = FakeExecutions(), list[str]()

    def report(run_id: str, error: Exception) -> None:
        failures.append(run_id)

    return SweepFixture(engine, ConfirmEnds(record, engine.effects, executions, report), executions, failures)


def failed_and_retried(engine: EngineFixture, operator: Operator) -> LaunchedRun:
    run = engine.launch()
    fail(engine, run)
    operator.retry(run)
    return run


def test_an_earlier_execution_that_still_runs_is_stopped_again_until_it_is_over(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    run = failed_and_retried(engine, operator)
    sweep.step_functions_reports(run, 1, RUNNING)
    assert sweep() == {"over": 0, "stopped": 1}
    assert sweep.stopped() == [engine.execution(run.run_id, 1)]
    assert sweep() == {"over": 0, "stopped": 1}
    sweep.step_functions_reports(run, 1, STOPPED)
    assert sweep() == {"over": 1, "stopped": 0}
    row = sweep.row(run)
    assert (row["status"], row["checks"], row["check_at"], row["over_at"] is not None) == ("ABORTED", 3, None, True)
    assert sweep() == {"over": 0, "stopped": 0}
    assert sweep.row(run, 2)["checks"] == 0  # the newest execution of an open run may run
    assert engine.run(run)["status"] == "running"


def test_the_looks_at_one_execution_come_less_and_less_often(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    run = failed_and_retried(engine, operator)
    sweep.step_functions_reports(run, 1, RUNNING)
    waits = []
    for _ in range(12):
        sweep()
        waits.append(round(sweep.row(run)["wait"].total_seconds() / 60))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]


def test_the_stop_of_an_aborted_run_is_confirmed(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    run = engine.launch()
    operator.abort(run)
    sweep.step_functions_reports(run, 1, RUNNING)
    assert sweep() == {"over": 0, "stopped": 1}
    sweep.step_functions_reports(run, 1, STOPPED)
    assert sweep() == {"over": 1, "stopped": 0}


def test_the_execution_of_a_failed_run_ends_by_itself_and_is_not_stopped(
    engine: EngineFixture, sweep: SweepFixture
) -> None:
    run = engine.launch()
    fail(engine, run)
    sweep.step_functions_reports(run, 1, RUNNING)
    assert (sweep(), sweep.stopped()) == ({"over": 0, "stopped": 0}, [])
    sweep.step_functions_reports(run, 1, ExecutionDescription(ExecutionStatus.FAILED))
    assert sweep() == {"over": 1, "stopped": 0}


def test_a_reported_end_is_confirmed_too(
    engine: EngineFixture, reconciliation: ReconcileFixture, sweep: SweepFixture
) -> None:
    run = engine.launch()
    reconciliation.report_end(run, TIMED_OUT)
    sweep.step_functions_reports(run, 1, TIMED_OUT)
    assert sweep() == {"over": 1, "stopped": 0}


def test_an_execution_that_step_functions_does_not_know_may_still_start_once(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    """A start that was under way when the run was aborted can come after the stop."""
    late, lost = engine.launch(), engine.launch()
    operator.abort(late)
    operator.abort(lost)
    assert sweep() == {"over": 0, "stopped": 0}
    sweep.step_functions_reports(late, 1, RUNNING)
    assert sweep() == {"over": 1, "stopped": 1}
    assert sweep.stopped() == [engine.execution(late.run_id, 1)]
    assert sweep.row(lost)["status"] == "LOST"


def test_a_completed_run_needs_no_look(engine: EngineFixture, sweep: SweepFixture) -> None:
    run = engine.start(N_SHAPE)
    complete_steps(engine, run, "a", "b", "c", "d")
    assert engine.run(run)["status"] == "completed"
    assert (sweep(), sweep.row(run)["checks"]) == ({"over": 0, "stopped": 0}, 0)


def test_a_sweep_takes_a_bounded_number_and_stops_in_time(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    for _ in range(3):
        run = engine.launch()
        operator.abort(run)
        sweep.step_functions_reports(run, 1, STOPPED)
    assert sweep(seconds=5.0) == {"over": 0, "stopped": 0}
    few = ConfirmEnds(sweep.confirm.record, engine.effects, sweep.executions, sweep.confirm.report, limit=2)
    engine.owner.execute("update baton.executions set check_at = now() where check_at is not null")
    assert [few(lambda: MUCH_TIME)["over"] for _ in range(3)] == [2, 1, 0]


def test_an_execution_that_cannot_be_looked_at_does_not_stop_the_sweep(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = engine.launch(), engine.launch()
    for run in (first, second):
        operator.abort(run)
        sweep.step_functions_reports(run, 1, STOPPED)
    describe = sweep.executions.describe

    def throttled(execution: str) -> ExecutionDescription | None:
        if first.run_id in execution:
            raise TimeoutError
        return describe(execution)

    monkeypatch.setattr(sweep.executions, "describe", throttled)
    assert (sweep(), sweep.failures) == ({"over": 1, "stopped": 0}, [first.run_id])


def test_the_executions_of_another_engine_are_left_to_it(
    engine: EngineFixture, operator: Operator, sweep: SweepFixture
) -> None:
    run = engine.launch()
    operator.abort(run)
    engine.owner.execute("update orchestration_runs set engine_id = 'another'")
    assert (sweep(), sweep.row(run)["checks"]) == ({"over": 0, "stopped": 0}, 0)


def test_running_executions_that_the_record_does_not_know_are_reported_and_go_on(
    engine: EngineFixture, record: ExecutionEnds
) -> None:
    run = engine.launch()
    known, copy = engine.execution(run.run_id, 1), f"{ENGINE.execution_prefix}kpi-tracking:a-copy"
    executions = FakeExecutions(executions={f"{MACHINES}a": [known], f"{MACHINES}b": [known, copy], f"{MACHINES}c": []})
    reported: list[str] = []
    found = [
        FindUnknownExecutions(record, executions, reported.extend, lambda at=minute: 60.0 * at)()["unknown"]  # type: ignore[misc]
        for minute in range(3)
    ]
    assert (found, reported) == ([0, 1, 0], [copy])
    assert engine.all("select from baton.outbox where kind = 'stop'") == []


def test_a_deployment_without_machines_has_no_unknown_executions(record: ExecutionEnds) -> None:
    assert FindUnknownExecutions(record, FakeExecutions(), list[str]().extend, lambda: 0.0)() == {"unknown": 0}
