"""Executions that end before their runs, and the sweep for ends that were not reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from baton.errors import StaleGeneration
from baton.model import ExecutionStatus
from baton.plan import PlanUnreadable
from baton.ports.recovery import ExecutionDescription
from baton.store.database import Database
from baton.store.recovery import Settlements
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.reconcile import SettleRun, SweepRuns
from tests.integration.recording import RecordingMachines

from .engine import ENGINE, FETCH, SUMMARIZE, EngineFixture
from .fakes import kpi_answer
from .test_children import CHILD, RANGE, REVIEW
from .test_recovery import Operator, fail, operator

__all__ = ["operator"]

STOPPED = ExecutionDescription(ExecutionStatus.ABORTED, "Stopped", "by hand")
TIMED_OUT = ExecutionDescription(ExecutionStatus.TIMED_OUT)
CRASHED = ExecutionDescription(
    ExecutionStatus.FAILED, "Runtime.ExitError", '{"errorType": "x", "errorMessage": "out of memory"}'
)
WRONG_MACHINE = ExecutionDescription(ExecutionStatus.FAILED, "WrongMachine", "deployed anew")


@dataclass
class FakeExecutions:
    """Step Functions, as far as reconciliation needs it: the status of each execution, by name."""

    descriptions: dict[str, ExecutionDescription] = field(default_factory=dict)
    executions: dict[str, list[str]] = field(default_factory=dict)  # the running ones of each machine

    def describe(self, execution: str) -> ExecutionDescription | None:
        return self.descriptions.get(execution.rpartition(":")[2])

    def machines(self) -> list[str]:
        return sorted(self.executions)

    def running(self, machine: str) -> list[str]:
        return self.executions[machine]

    def launches(self, execution: str) -> bool:
        return execution.rpartition(":")[0].endswith("test-launch")


@dataclass
class ReconcileFixture:
    reconcile: SettleRun
    sweep: SweepRuns
    machines: RecordingMachines
    executions: FakeExecutions
    failures: list[tuple[str, Exception]]
    unknown: list[str]
    engine: EngineFixture

    def report_end(self, run: LaunchedRun | str, description: ExecutionDescription, generation: int = 1) -> str:
        run_id = run if isinstance(run, str) else run.run_id
        execution = self.engine.execution(run_id, generation)
        return str(self.reconcile(execution, description)["outcome"])


@pytest.fixture
def reconciliation(engine: EngineFixture, login_url: Any) -> Iterator[ReconcileFixture]:
    database = Database(login_url("reconcile"))
    record, machines, executions = Settlements(database, ENGINE.id), RecordingMachines(), FakeExecutions()
    unknown: list[str] = []
    reconcile = SettleRun(record, engine.effects, executions, machines, unknown.extend)
    failures: list[tuple[str, Exception]] = []

    def report(run_id: str, error: Exception) -> None:
        failures.append((run_id, error))

    sweep = SweepRuns(record, reconcile, report, quiet_seconds=0, again_seconds=0)
    yield ReconcileFixture(reconcile, sweep, machines, executions, failures, unknown, engine)
    database.close()


def test_an_execution_stopped_in_the_console_aborts_its_run(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    approval = engine.checkpoint(run, FETCH)
    assert reconciliation.report_end(run, STOPPED) == "settled"

    assert (engine.run(run)["status"], engine.status(run, FETCH), engine.status(run, SUMMARIZE)) == (
        "aborted", "skipped", "skipped",
    )  # fmt: skip
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "closed"
    event = engine.one("select data from orchestration_events where type = 'orchestration.run.aborted'")
    assert event["data"] == {"reason": "its execution was stopped: Stopped: by hand"}


@pytest.mark.parametrize(
    ("description", "error"),
    [
        (TIMED_OUT, {"type": "States.Timeout", "message": "the run took longer than its definition allows"}),
        (CRASHED, {"type": "Runtime.ExitError", "message": "out of memory"}),
        (ExecutionDescription(ExecutionStatus.FAILED, "States.Runtime", "a path finds nothing"),
         {"type": "States.Runtime", "message": "a path finds nothing"}),
    ],
)  # fmt: skip
def test_a_timed_out_or_crashed_execution_fails_its_run_and_names_the_step(
    engine: EngineFixture, reconciliation: ReconcileFixture, description: ExecutionDescription, error: dict[str, str]
) -> None:
    run = engine.launch()
    engine.agents.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        engine.step(run, FETCH)
    reconciliation.report_end(run, description)

    assert engine.run(run)["status"] == "failed"
    assert engine.run(run)["error"] == {"stepId": FETCH, **error}
    assert engine.event_types(run)[-1] == "run.failed"


def test_a_run_that_timed_out_goes_on_where_it_was_after_a_retry(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator
) -> None:
    run = engine.launch()
    engine.agents.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        engine.step(run, FETCH)
    reconciliation.report_end(run, TIMED_OUT)
    assert operator.retry(run)["stepId"] == FETCH
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH, generation=2)
    assert engine.step_row(run, FETCH)["attempt_number"] == 1


def test_step_functions_is_asked_for_the_reason_if_the_event_has_none(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.launch()
    reconciliation.executions.descriptions = {f"{run.run_id}-1": CRASHED}
    reconciliation.report_end(run, ExecutionDescription(ExecutionStatus.FAILED))
    assert engine.run(run)["error"] == {"type": "Runtime.ExitError", "message": "out of memory"}


def test_an_end_that_is_reported_twice_is_settled_once(engine: EngineFixture, reconciliation: ReconcileFixture) -> None:
    run = engine.launch()
    assert [reconciliation.report_end(run, STOPPED), reconciliation.report_end(run, STOPPED)] == ["settled", "ended"]
    assert engine.event_types(run).count("run.aborted") == 1


def test_the_end_of_a_replaced_execution_changes_nothing(
    engine: EngineFixture, reconciliation: ReconcileFixture, operator: Operator
) -> None:
    run = engine.launch()
    fail(engine, run)
    operator.retry(run)
    assert reconciliation.report_end(run, STOPPED) == "stale_generation"
    assert engine.run(run)["status"] == "running"


def test_a_completed_record_stays_completed_whatever_its_execution_says(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.launch()
    engine.owner.execute("update orchestration_runs set status = 'completed', started_at = now(), completed_at = now()")
    assert reconciliation.report_end(run, CRASHED) == "ended"
    assert engine.run(run)["status"] == "completed"


def test_executions_of_other_stacks_are_ignored(engine: EngineFixture, reconciliation: ReconcileFixture) -> None:
    run = engine.launch()
    theirs = "arn:aws:states:…:a-name-of-somebody"
    assert reconciliation.reconcile(theirs, STOPPED) == {"run_id": None, "outcome": "not_ours"}
    assert reconciliation.unknown == [theirs]
    engine.owner.execute("update orchestration_runs set engine_id = 'another'")
    assert reconciliation.report_end(run, STOPPED) == "not_found"
    assert reconciliation.report_end(run, WRONG_MACHINE) == "not_found"
    record = reconciliation.reconcile.record
    assert record.move(run.run_id, 1, machine="x-new", digest="new").outcome == "not_found"
    record.repin(run.run_id, machine="x-new", digest="new")
    row = engine.run(run)
    assert (row["status"], row["generation"], row["machine"]) == ("pending", 1, "kpi-tracking")


@pytest.mark.parametrize("description", [STOPPED, TIMED_OUT, WRONG_MACHINE])
def test_the_end_of_a_namesake_on_another_machine_changes_nothing_and_is_reported(
    engine: EngineFixture, reconciliation: ReconcileFixture, description: ExecutionDescription
) -> None:
    run = engine.launch()
    machine, _, name = engine.execution(run.run_id, 1).rpartition(":")
    namesake = f"{machine}-2:{name}"
    assert reconciliation.reconcile(namesake, description)["outcome"] == "unknown_execution"
    assert (engine.run(run)["status"], engine.run(run)["generation"]) == ("pending", 1)
    assert (reconciliation.unknown, reconciliation.machines.machines) == ([namesake], [])


@pytest.mark.parametrize("description", [STOPPED, TIMED_OUT])
def test_the_runs_below_a_run_end_with_it(
    engine: EngineFixture, reconciliation: ReconcileFixture, description: ExecutionDescription
) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.effects.effects.clear()
    reconciliation.report_end(parent, description)
    assert engine.run(child)["status"] == "aborted"
    assert [effect.run_id for effect in engine.effects.effects if effect.kind == "stop"] == [child.run_id]


def test_a_run_whose_machine_has_changed_gets_a_machine_of_its_own(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    engine.effects.effects.clear()
    assert reconciliation.report_end(run, WRONG_MACHINE) == "moved"

    [machine] = reconciliation.machines.machines
    row = engine.run(run)
    [name] = reconciliation.machines.names
    assert name.startswith("x-kpi-tracking-1-0-0-")
    assert (row["generation"], row["machine"], row["digest"]) == (2, name, machine.digest)
    starts = [effect.payload for effect in engine.effects.effects if effect.kind == "start"]
    (execution,) = engine.all("select arn from baton.executions where run_id = %s and generation = 2", run.run_id)
    assert starts == [{"machine": name, "generation": 2, "execution": execution["arn"]}]
    with pytest.raises(StaleGeneration):
        engine.step(run, SUMMARIZE, generation=1)
    assert reconciliation.report_end(run, WRONG_MACHINE, generation=2) == "settled"  # a third machine would not help
    assert engine.run(run)["status"] == "failed"


def test_the_sweep_settles_runs_whose_executions_end_was_not_reported(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    running, stopped, lost, unstarted = (engine.launch() for _ in range(4))
    engine.owner.execute("delete from baton.outbox where run_id <> %s and kind = 'start'", (unstarted.run_id,))
    reconciliation.executions.descriptions = {
        f"{running.run_id}-1": ExecutionDescription(ExecutionStatus.RUNNING),
        f"{stopped.run_id}-1": STOPPED,
        f"{unstarted.run_id}-1": STOPPED,
    }
    assert reconciliation.sweep() == {"timedOut": 0, "checked": 3, "settled": 2, "failed": 0}
    statuses = [engine.run(run)["status"] for run in (running, stopped, lost, unstarted)]
    assert statuses == ["pending", "aborted", "failed", "pending"]
    assert engine.run(lost)["error"]["type"] == "ExecutionLost"


def test_a_run_that_the_sweep_cannot_check_does_not_stop_the_sweep(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    unreadable, lost = engine.launch(), engine.launch()
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.owner.execute("delete from baton.outbox where kind = 'start'")
    engine.owner.execute(
        "update orchestration_runs set plan = plan || '{\"format\": 99}' where id = %s", (unreadable.run_id,)
    )
    engine.owner.execute(
        "update orchestration_runs set status = 'aborted', completed_at = now() - interval '1 minute' where id = %s",
        (parent.run_id,),
    )
    reconciliation.executions.descriptions = {f"{unreadable.run_id}-1": WRONG_MACHINE}
    assert reconciliation.sweep() == {"timedOut": 0, "checked": 2, "settled": 1, "failed": 1}
    assert [(run_id, type(error)) for run_id, error in reconciliation.failures] == [(unreadable.run_id, PlanUnreadable)]
    assert [engine.run(run)["status"] for run in (unreadable, lost, child)] == ["pending", "failed", "aborted"]


def test_the_sweep_skips_runs_that_are_at_work_or_were_checked(
    engine: EngineFixture, reconciliation: ReconcileFixture
) -> None:
    engine.launch()
    engine.owner.execute("delete from baton.outbox where kind = 'start'")
    patient = SweepRuns(
        reconciliation.sweep.record,
        reconciliation.reconcile,
        reconciliation.sweep.report,
        quiet_seconds=60,
        again_seconds=60,
    )
    assert patient() == {"timedOut": 0, "checked": 0, "settled": 0, "failed": 0}
    engine.owner.execute("update orchestration_events set created_at = now() - interval '5 minutes'")
    engine.owner.execute("insert into baton.execution_checks (run_id) select id from orchestration_runs")
    assert patient() == {"timedOut": 0, "checked": 0, "settled": 0, "failed": 0}
    engine.owner.execute("update baton.execution_checks set checked_at = now() - interval '5 minutes'")
    assert patient()["checked"] == 1


def test_the_sweep_ends_orphaned_children(engine: EngineFixture, reconciliation: ReconcileFixture) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.owner.execute(
        "update orchestration_runs set status = 'aborted', completed_at = now() - interval '1 minute' where id = %s",
        (parent.run_id,),
    )
    reconciliation.sweep()
    assert engine.run(child)["status"] == "aborted"
