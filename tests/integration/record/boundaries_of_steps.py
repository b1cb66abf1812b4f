"""Steps and their child runs."""

from __future__ import annotations

import uuid

from baton.model import RunStatus
from baton.ports.recovery import SettleCommand
from baton.ports.steps import StepResult
from baton.store.children import Children
from baton.store.steps import Steps
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.run_child import child_id

from .boundaries import Call, boundary
from .engine import FETCH, PARAMETERS, EngineFixture
from .preparations import N_SHAPE, begin_step, complete_steps, definition_of, open_child
from .test_children import CHILD, RANGE, REVIEW
from .test_failing_children import TOLERANT
from .test_items import REGIONS

NEW_LEASE = "the repeated call renews the lease of the attempt"
REFUSED = {"type": "AgentRefused", "message": "no", "retryable": True}


@boundary("Steps.begin", login="step", differs={
    "orchestration_step_attempts.lease_until": NEW_LEASE,
})  # fmt: skip
def begin(engine: EngineFixture) -> Call:
    delivery = engine.delivery(engine.launch(), FETCH, "run")
    return lambda database: Steps(database).begin(delivery, 60.0)


@boundary("Steps.begin", login="step", case="of an attempt whose delivery crashed", differs={
    "orchestration_step_attempts.lease_until": NEW_LEASE,
})  # fmt: skip
def begin_after_a_crash(engine: EngineFixture) -> Call:
    run = engine.launch()
    begin_step(engine, run, FETCH)
    delivery = engine.delivery(run, FETCH, "run")
    return lambda database: Steps(database).begin(delivery, 60.0)


@boundary("Steps.begin", login="step", case="of a step that crashes have exhausted", differs={
    "orchestration_step_attempts.lease_until": NEW_LEASE,
})  # fmt: skip
def begin_the_exhausted(engine: EngineFixture) -> Call:
    run = engine.start(N_SHAPE)
    for _ in range(1 + engine.step_row(run, "a")["planned"]["retry"]["retryCount"]):
        begin_step(engine, run, "a")
    delivery = engine.delivery(run, "a", "run")
    return lambda database: Steps(database).begin(delivery, 60.0)


@boundary("Steps.complete", login="step", case="with a deliverable and a gate behind it")
def complete(engine: EngineFixture) -> Call:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d")
    complete_steps(engine, run, "a")
    delivery, attempt = begin_step(engine, run, "b")
    document = {"id": str(uuid.uuid4()), "position": 0, "type": "analysis", "format": "json", "title": "KPIs"}
    deliverables = [{**document, "content": "[]", "metadata": {}}]
    result = StepResult(
        {"text": "b"}, has_checkpoint=False, deliverables=deliverables, input_hash="h", cache_seconds=60
    )
    return lambda database: Steps(database).complete(delivery, attempt, result)


@boundary("Steps.complete", login="step", case="from the cache")
def complete_from_the_cache(engine: EngineFixture) -> Call:
    for run in (engine.start(N_SHAPE), engine.launch(orchestration="n-shape", parameters={})):
        delivery, attempt = begin_step(engine, run, "a")
        kept = StepResult({"text": "a"}, has_checkpoint=False, input_hash="h", cache_seconds=60)
        if not engine.all("select from baton.step_cache"):
            engine.settle_step.record.complete(delivery, attempt, kept)
    cached = StepResult({}, has_checkpoint=False, input_hash="h", from_cache=True)
    return lambda database: Steps(database).complete(delivery, attempt, cached)


@boundary("Steps.complete", login="step", case="of the last step")
def complete_the_last(engine: EngineFixture) -> Call:
    run = engine.start(N_SHAPE)
    complete_steps(engine, run, "a", "b", "c")
    delivery, attempt = begin_step(engine, run, "d")
    return lambda database: Steps(database).complete(delivery, attempt, StepResult({}, has_checkpoint=False))


@boundary("Steps.fail", login="step", case="to be tried again")
def fail_and_try_again(engine: EngineFixture) -> Call:
    delivery, attempt = begin_step(engine, engine.launch(), FETCH)
    return lambda database: Steps(database).fail(delivery, attempt, error=REFUSED, retry_count=1)


@boundary("Steps.fail", login="step", case="with the run")
def fail_with_the_run(engine: EngineFixture) -> Call:
    delivery, attempt = begin_step(engine, engine.launch(), FETCH)
    return lambda database: Steps(database).fail(delivery, attempt, error=REFUSED, retry_count=0)


@boundary("Steps.give_back", login="step")
def give_back(engine: EngineFixture) -> Call:
    delivery, attempt = begin_step(engine, engine.launch(), FETCH)
    return lambda database: Steps(database).give_back(delivery, attempt)


@boundary("Steps.begin", login="step", case="when the history is full", differs={
    "answer.outcome: moved_on → stale_generation": "the caller raises the same error for both outcomes",
})  # fmt: skip
def begin_with_a_full_history(engine: EngineFixture) -> Call:
    run = engine.launch()
    engine.owner.execute("update baton.executions set history_events = 20000 where run_id = %s", (run.run_id,))
    delivery = engine.delivery(run, FETCH, "run")
    return lambda database: Steps(database).begin(delivery, 60.0)


@boundary("Steps.skip", login="step")
def skip(engine: EngineFixture) -> Call:
    delivery, attempt = begin_step(engine, engine.start(N_SHAPE), "a")
    return lambda database: Steps(database).skip(delivery, attempt)


@boundary("Steps.expand", login="step")
def expand(engine: EngineFixture) -> Call:
    delivery, attempt = begin_step(engine, engine.start(REGIONS, regions=["north"]), "report", "expand")
    return lambda database: Steps(database).expand(delivery, attempt, ["north", "south"])


@boundary("Steps.settle", login="step", case="with its child run", differs={
    "answer.outcome: settled → stored": "the caller handles both outcomes in the same way",
})  # fmt: skip
def settle_step(engine: EngineFixture) -> Call:
    run = engine.start(TOLERANT, **RANGE)
    engine.step(run, CHILD, "prepare")
    delivery = engine.delivery(run, CHILD, "settle")
    return lambda database: Steps(database).settle(delivery, {**REFUSED, "retryable": False})


def prepare_child(engine: EngineFixture, run: LaunchedRun) -> Call:
    delivery, attempt = begin_step(engine, run, CHILD, "prepare")
    definition_id = definition_of(engine, "kpi-tracking")
    return lambda database: Children(database).insert(
        parent_run_id=run.run_id,
        step_id=CHILD,
        attempt_number=attempt,
        attempt_key=delivery.attempt_key,
        child_id=str(child_id(run.run_id, CHILD, attempt)),
        definition_id=definition_id,
        parameters=PARAMETERS,
        reviews=[],
    )


@boundary("Children.insert", login="step")
def insert_child(engine: EngineFixture) -> Call:
    return prepare_child(engine, engine.start(REVIEW, **RANGE))


@boundary("Children.insert", login="step", case="that is there")
def insert_child_again(engine: EngineFixture) -> Call:
    run = engine.start(REVIEW, **RANGE)
    engine.step(run, CHILD, "prepare")
    return prepare_child(engine, run)


@boundary("Children.abort", login="step")
def abort_child(engine: EngineFixture) -> Call:
    child = open_child(engine)
    return lambda database: Children(database).abort(child, 1, "nobody waits for it")


@boundary("Children.settle", login="step")
def settle_child(engine: EngineFixture) -> Call:
    ended = SettleCommand(open_child(engine), 1, RunStatus.FAILED, {"type": "Crash", "message": "it broke"})
    return lambda database: Children(database).settle(ended)
