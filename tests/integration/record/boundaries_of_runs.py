"""Launches, forks, recoveries, settlements and moves of runs; and the delivery of their effects."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from baton.errors import StepExhausted
from baton.model import EffectKind, ExecutionStatus, Role, RunStatus, StepStatus
from baton.outbox import Effect, FailedDelivery
from baton.ports.recovery import AbortCommand, ExpectedEnd, RecoverCommand, SettleCommand
from baton.ports.runs import NewFork, NewRun, SourceStep
from baton.store.launches import ExecutionLaunches
from baton.store.outbox import FailedEffects, OutboxTable
from baton.store.recovery import Adoptions, ExecutionEnds, Recoveries, Settlements
from baton.store.runs import Forks, Launches

from .boundaries import Call, boundary
from .engine import ENGINE, FETCH, PARAMETERS, SUMMARIZE, EngineFixture
from .preparations import definition_of, failed_run, open_child, organization, waiting_run
from .test_children import CHILD, RANGE, REVIEW, fail_child


def new_run(engine: EngineFixture, key: str | None, **changes: str) -> NewRun:
    run = NewRun(
        run_id=str(uuid.uuid4()),
        organization_id=organization(engine),
        definition_id=definition_of(engine, "kpi-tracking"),
        user_id=engine.caller.user_id,
        engine=ENGINE,
        options={},
        parameters=PARAMETERS,
        idempotency_key=key,
        request_hash="hash",
    )
    return replace(run, **changes)


@boundary("Launches.insert", login="api")
def launch_without_a_key(engine: EngineFixture) -> Call:
    run = new_run(engine, None)
    return lambda database: Launches(database).insert(run)


@boundary("Launches.insert", login="api", case="with an idempotency key")
def launch_with_a_key(engine: EngineFixture) -> Call:
    run = new_run(engine, "key")
    return lambda database: Launches(database).insert(run)


@boundary("ExecutionLaunches.insert", login="launch")
def launch_by_an_execution(engine: EngineFixture) -> Call:
    launcher = engine.member(Role.OPERATOR).user_id
    engine.owner.execute(
        "insert into baton.launchers (organization_id, engine_id, user_id, allowed_by) values (%s, %s, %s, %s)",
        (organization(engine), ENGINE.id, launcher, launcher),
    )
    run = new_run(engine, "key", user_id=launcher, launching_execution="the ARN of an execution")
    return lambda database: ExecutionLaunches(database, ENGINE.id).insert(run)


def fork(engine: EngineFixture, key: str | None) -> Call:
    source = waiting_run(engine)
    new = NewFork(
        run_id=str(uuid.uuid4()),
        source_run_id=source.run_id,
        step_id=SUMMARIZE,
        definition_id=source.definition_id,
        user_id=engine.caller.user_id,
        engine=ENGINE,
        options={},
        parameters=PARAMETERS,
        overrides={},
        modifications={},
        reused={FETCH: SourceStep(StepStatus.COMPLETED, {"data": []}, 1, None)},
        note="again",
        idempotency_key=key,
        request_hash="hash",
    )
    return lambda database: Forks(database).insert(new)


@boundary("Forks.insert", login="api")
def fork_without_a_key(engine: EngineFixture) -> Call:
    return fork(engine, None)


@boundary("Forks.insert", login="api", case="with an idempotency key")
def fork_with_a_key(engine: EngineFixture) -> Call:
    return fork(engine, "key")


@boundary("Recoveries.recover", login="api", case="retry")
def recover_by_retry(engine: EngineFixture) -> Call:
    command = RecoverCommand(failed_run(engine).run_id, 1, engine.caller.user_id, FETCH, note="it works again")
    return lambda database: Recoveries(database).recover(command)


@boundary("Recoveries.recover", login="api", case="skip")
def recover_by_skip(engine: EngineFixture) -> Call:
    command = RecoverCommand(failed_run(engine).run_id, 1, engine.caller.user_id, FETCH, outputs={"data": None})
    return lambda database: Recoveries(database).recover(command)


@boundary("Recoveries.recover", login="api", case="with a child run")
def recover_with_a_child(engine: EngineFixture) -> Call:
    run = engine.start(REVIEW, **RANGE)
    fail_child(engine, run)
    with pytest.raises(StepExhausted):
        engine.step(run, CHILD, "collect")
    command = RecoverCommand(run.run_id, 1, engine.caller.user_id, CHILD)
    return lambda database: Recoveries(database).recover(command)


@boundary("Recoveries.abort", login="api", case="with a child run")
def abort_run(engine: EngineFixture) -> Call:
    run = engine.start(REVIEW, **RANGE)
    engine.step(run, CHILD, "prepare")
    command = AbortCommand(run.run_id, engine.caller.user_id, "enough")
    return lambda database: Recoveries(database).abort(command)


@boundary("Settlements.settle", login="reconcile", case="failed")
def settle_failed_run(engine: EngineFixture) -> Call:
    ended = SettleCommand(engine.launch().run_id, 1, RunStatus.FAILED, {"type": "Crash", "message": "it broke"})
    execution = engine.execution(ended.run_id, 1)
    return lambda database: Settlements(database, ENGINE.id).settle(ended, execution)


@boundary("Settlements.settle", login="reconcile", case="aborted, with a child run")
def settle_aborted_run(engine: EngineFixture) -> Call:
    run = engine.start(REVIEW, **RANGE)
    engine.step(run, CHILD, "prepare")
    ended = SettleCommand(run.run_id, 1, RunStatus.ABORTED, {"type": "ExecutionStopped", "message": "it was stopped"})
    execution = engine.execution(ended.run_id, 1)
    return lambda database: Settlements(database, ENGINE.id).settle(ended, execution)


@boundary("Settlements.move", login="reconcile")
def move_run(engine: EngineFixture) -> Call:
    run = waiting_run(engine)
    return lambda database: Settlements(database, ENGINE.id).move(run.run_id, 1, machine="x-new", digest="new")


@boundary("Settlements.time_out", login="reconcile")
def time_out_run(engine: EngineFixture) -> Call:
    run = waiting_run(engine)
    engine.owner.execute("update orchestration_runs set ends_at = now() where id = %s", (run.run_id,))
    return lambda database: Settlements(database, ENGINE.id).time_out(limit=10)


@boundary("Settlements.repin", login="reconcile")
def repin_run(engine: EngineFixture) -> Call:
    child = open_child(engine)
    return lambda database: Settlements(database, ENGINE.id).repin(child, machine="x-new", digest="new")


@boundary("Settlements.unchecked", login="reconcile")
def claim_unchecked_runs(engine: EngineFixture) -> Call:
    waiting_run(engine)
    engine.owner.execute("delete from baton.outbox")  # its start was delivered
    return lambda database: Settlements(database, ENGINE.id).unchecked(quiet_seconds=0, again_seconds=60, limit=10)


@boundary("Settlements.abort_orphans", login="reconcile")
def settle_orphans(engine: EngineFixture) -> Call:
    child = open_child(engine)
    engine.owner.execute(
        "update orchestration_runs set status = 'aborted', completed_at = now() - interval '1 hour'"
        " where id = (select parent_run_id from orchestration_runs where id = %s)",
        (child,),
    )
    return lambda database: Settlements(database, ENGINE.id).abort_orphans(quiet_seconds=60, limit=10)


@boundary("ExecutionEnds.claim", login="reconcile")
def claim_expected_ends(engine: EngineFixture) -> Call:
    replaced_execution(engine)
    return lambda database: ExecutionEnds(database, ENGINE.id).claim(limit=10)


@boundary("ExecutionEnds.confirm", login="reconcile", case="over")
def confirm_the_end(engine: EngineFixture) -> Call:
    expected = replaced_execution(engine)
    return lambda database: ExecutionEnds(database, ENGINE.id).confirm(expected, ExecutionStatus.ABORTED)


@boundary("ExecutionEnds.confirm", login="reconcile", case="still running")
def confirm_no_end(engine: EngineFixture) -> Call:
    expected = replaced_execution(engine)
    return lambda database: ExecutionEnds(database, ENGINE.id).confirm(expected, ExecutionStatus.RUNNING)


def replaced_execution(engine: EngineFixture) -> ExpectedEnd:
    """An execution that is due for a look, because its run has a newer one."""
    run = engine.launch()
    engine.next_execution(run)
    engine.owner.execute("update baton.executions set check_at = now() where check_at is not null")
    return ExpectedEnd(run.run_id, 1, engine.execution(run.run_id, 1))


@boundary("Adoptions.adopt", login="relay")
def adopt_runs(engine: EngineFixture) -> Call:
    engine.launch()
    before = engine.one("select clock_timestamp()::text as now")["now"]
    return lambda database: Adoptions(database).adopt(ENGINE.id, ordered_before=before, limit=10)


@boundary("OutboxTable.claim_due", login="relay")
def claim_due(engine: EngineFixture) -> Call:
    effect_of(engine, due=True)
    return lambda database: OutboxTable(database).claim_due(ENGINE.id, 10)


@boundary("OutboxTable.strike_off", login="relay")
def strike_off(engine: EngineFixture) -> Call:
    effect = effect_of(engine)
    return lambda database: OutboxTable(database).strike_off([effect])


@boundary("OutboxTable.put_off", login="relay")
def put_off(engine: EngineFixture) -> Call:
    failed = FailedDelivery(Effect(effect_of(engine), "", EffectKind.START, {}), "no answer")
    return lambda database: OutboxTable(database).put_off([failed])


@boundary("FailedEffects.redrive", login="api")
def redrive(engine: EngineFixture) -> Call:
    effect = effect_of(engine, failures=2)
    return lambda database: FailedEffects(database).redrive(user_id=engine.caller.user_id, effect_id=effect)


@boundary("FailedEffects.redrive_all", login="api")
def redrive_all(engine: EngineFixture) -> Call:
    effect_of(engine, failures=2)
    return lambda database: FailedEffects(database).redrive_all(user_id=engine.caller.user_id, organizations=["demo"])


def effect_of(engine: EngineFixture, *, failures: int = 0, due: bool = False) -> str:
    """The id of a failed effect."""
    engine.launch()
    row = engine.one(
        "update baton.outbox set failures = %s, available_at = now() + %s * interval '1 hour' where kind = 'start'"
        " returning id",
        failures,
        -1 if due else 1,
    )
    return str(row["id"])
