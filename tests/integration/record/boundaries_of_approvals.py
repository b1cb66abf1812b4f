"""Gates, checkpoints, decisions."""

from __future__ import annotations

from typing import Any

from baton.ports.checkpoints import DecisionCommand, WaitingTask
from baton.store.checkpoints import Approvals, Checkpoints
from baton.store.gates import Gates
from baton.usecases.launch import LaunchedRun

from .boundaries import TAKEN_BEFORE, Call, boundary
from .engine import EXECUTION, FETCH, REVIEWS, EngineFixture
from .preparations import N_SHAPE, complete_steps, waiting_run
from .test_policies import expire_approval

STORED_TWICE = "two rows have the same token; the newest counts"


@boundary("Gates.open", login="gate", case="that stays closed", differs={
    "baton.gate_tokens +1": STORED_TWICE,
})  # fmt: skip
def open_gate(engine: EngineFixture) -> Call:
    task = waiting_task(engine, engine.start(N_SHAPE), "d")
    return lambda database: Gates(database).open(task)


@boundary("Gates.open", login="gate", case="that is released at once", differs={
    "baton.gate_tokens +1": STORED_TWICE,
    "baton.outbox +1": "both rows are released: the second release finds that nobody waits any more, and is done",
    "answer.effects: 2 → 3 of them": "of which two are releases",
})  # fmt: skip
def open_gate_late(engine: EngineFixture) -> Call:
    run = engine.start(N_SHAPE)
    complete_steps(engine, run, "a", "b")
    task = waiting_task(engine, run, "d")
    return lambda database: Gates(database).open(task)


@boundary("Checkpoints.open", login="checkpoint", differs={
    "baton.checkpoint_tokens +1": STORED_TWICE,
})  # fmt: skip
def open_checkpoint(engine: EngineFixture) -> Call:
    task = waiting_task(engine, waiting_run(engine), FETCH)
    return lambda database: Checkpoints(database, REVIEWS).open(task)


@boundary("Checkpoints.open", login="checkpoint", case="that somebody has decided", differs={
    "baton.checkpoint_tokens +1": STORED_TWICE,
    "baton.outbox +1": "sent twice: the second is TaskStillWaiting, and tried again, until the execution ends",
    "answer.effects: 1 → 2 of them": "two completions of one token",
})  # fmt: skip
def open_decided_checkpoint(engine: EngineFixture) -> Call:
    run = waiting_run(engine)
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    task = waiting_task(engine, run, FETCH)
    return lambda database: Checkpoints(database, REVIEWS).open(task)


def decide(engine: EngineFixture, decision: str, **said: Any) -> Call:
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH)
    command = DecisionCommand(run.run_id, approval, engine.caller.user_id, decision, **said)
    return lambda database: Approvals(database).decide(command)


@boundary("Approvals.decide", login="approval", case="continue", differs=TAKEN_BEFORE)
def decide_to_continue(engine: EngineFixture) -> Call:
    return decide(engine, "continue")


@boundary("Approvals.decide", login="approval", case="retry", differs=TAKEN_BEFORE)
def decide_to_retry(engine: EngineFixture) -> Call:
    week = {"grouping": "week"}
    return decide(engine, "retry", notes="by week", modifications=week, overrides=week)


@boundary("Approvals.decide", login="approval", case="abort", differs=TAKEN_BEFORE)
def decide_to_abort(engine: EngineFixture) -> Call:
    return decide(engine, "abort")


def expire(engine: EngineFixture, on_timeout: str) -> Call:
    run, approval = expire_approval(engine, on_timeout)
    command = DecisionCommand(run.run_id, approval, None, "", execution=EXECUTION)
    return lambda database: Approvals(database).decide(command)


@boundary("Approvals.decide", login="approval", case="the clock continues", differs=TAKEN_BEFORE)
def expire_and_continue(engine: EngineFixture) -> Call:
    return expire(engine, "continue")


@boundary("Approvals.decide", login="approval", case="the clock fails the run", differs=TAKEN_BEFORE)
def expire_and_fail(engine: EngineFixture) -> Call:
    return expire(engine, "fail")


def waiting_task(engine: EngineFixture, run: LaunchedRun, step_id: str) -> WaitingTask:
    return WaitingTask(run.run_id, step_id, 1, engine.digest(run.run_id), f"token of {step_id}", EXECUTION)
