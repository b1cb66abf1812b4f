"""Gates, checkpoints, decisions."""

from __future__ import annotations

from typing import Any

from baton.model import Decision
from baton.ports.approvals import DecisionCommand
from baton.store.approvals import Approvals
from baton.store.checkpoints import Checkpoints
from baton.store.gates import Gates

from .boundaries import Call, boundary
from .engine import FETCH, REVIEWS, EngineFixture
from .preparations import N_SHAPE, complete_steps, waiting_run
from .test_policies import decide_before_the_timeout, expire_approval


@boundary("Gates.open", login="gate", case="that stays closed")
def open_gate(engine: EngineFixture) -> Call:
    task = engine.waiting_task(engine.start(N_SHAPE), "d", "token")
    return lambda database: Gates(database).open(task)


@boundary("Gates.open", login="gate", case="that is released at once")
def open_gate_late(engine: EngineFixture) -> Call:
    run = engine.start(N_SHAPE)
    complete_steps(engine, run, "a", "b")
    task = engine.waiting_task(run, "d", "token")
    return lambda database: Gates(database).open(task)


@boundary("Checkpoints.open", login="checkpoint")
def open_checkpoint(engine: EngineFixture) -> Call:
    task = engine.waiting_task(waiting_run(engine), FETCH, "token")
    return lambda database: Checkpoints(database, REVIEWS).open(task)


@boundary("Checkpoints.open", login="checkpoint", case="that somebody has decided")
def open_decided_checkpoint(engine: EngineFixture) -> Call:
    run = waiting_run(engine)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    task = engine.waiting_task(run, FETCH, "another token")
    return lambda database: Checkpoints(database, REVIEWS).open(task)


def decide(engine: EngineFixture, decision: str, **fields: Any) -> Call:
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH)
    command = DecisionCommand(run.run_id, approval, engine.caller.user_id, Decision(decision), **fields)
    return lambda database: Approvals(database).decide(command)


@boundary("Approvals.decide", login="approval", case="continue")
def decide_to_continue(engine: EngineFixture) -> Call:
    return decide(engine, "continue")


@boundary("Approvals.decide", login="approval", case="retry")
def decide_to_retry(engine: EngineFixture) -> Call:
    week = {"grouping": "week"}
    return decide(engine, "retry", notes="by week", modifications=week, overrides=week)


@boundary("Approvals.decide", login="approval", case="abort")
def decide_to_abort(engine: EngineFixture) -> Call:
    return decide(engine, "abort")


def expire(engine: EngineFixture, on_timeout: str) -> Call:
    run, approval = expire_approval(engine, on_timeout)
    execution = engine.execution(run.run_id, 1)
    return lambda database: Approvals(database).expire(run.run_id, approval, execution)


@boundary("Approvals.expire", login="approval", case="continues for the sweep")
def sweep_and_continue(engine: EngineFixture) -> Call:
    run, approval = expire_approval(engine, "continue")
    return lambda database: Approvals(database).expire(run.run_id, approval, None)


@boundary("Approvals.expire", login="approval", case="continues")
def expire_and_continue(engine: EngineFixture) -> Call:
    return expire(engine, "continue")


@boundary("Approvals.expire", login="approval", case="fails the run")
def expire_and_fail(engine: EngineFixture) -> Call:
    return expire(engine, "fail")


@boundary("Approvals.expire", login="approval", case="aborts the run")
def expire_and_abort(engine: EngineFixture) -> Call:
    return expire(engine, "abort")


@boundary("Approvals.expire", login="approval", case="finds a decision")
def expire_decided(engine: EngineFixture) -> Call:
    run, approval = expire_approval(engine, "fail")
    decide_before_the_timeout(engine, approval, "continue")
    execution = engine.execution(run.run_id, 1)
    return lambda database: Approvals(database).expire(run.run_id, approval, execution)
