"""Boundaries whose commit went through and whose answer was lost: repeated, they give the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from baton.ports.recovery import AbortCommand, RecoverCommand
from baton.store.children import Children
from baton.store.recovery import Recoveries
from baton.store.steps import Steps
from baton.usecases.attempt import Attempts
from baton.usecases.recover import Recover, RetryRequest
from baton.usecases.run_child import PrepareChild
from baton.usecases.run_step import RunStep

from .conftest import FETCH, MACHINES, Engine, Forgetful, answer
from .test_children import CHILD, RANGE, REVIEW
from .test_recovery import fail

BOTH = """
    metadata: {name: both, displayName: Both, version: 1.0.0, description: c after a; d after a and b}
    orchestration:
      steps:
        - {id: a, name: A, agent: summarizer}
        - {id: b, name: B, agent: summarizer}
        - {id: c, name: C, agent: summarizer, depends_on: [a]}
        - {id: d, name: D, agent: summarizer, depends_on: [a, b]}
"""
ForgetfulOf = Callable[[str, str], Forgetful]


@pytest.fixture
def forgetful(login_url: Callable[[str], str]) -> Iterator[ForgetfulOf]:
    """The connection of that login, which loses the answers of that statement's boundary."""
    with ExitStack() as opened:

        def connect(login: str, statement: str) -> Forgetful:
            database = opened.enter_context(closing(Forgetful(login_url(login), statement)))
            database.fetch_one("select 1", {})  # one that was just opened is not opened again
            return database

        yield connect


def test_what_a_step_began_is_delivered_at_once_with_the_events_of_its_launch(
    engine: Engine, forgetful: ForgetfulOf
) -> None:
    run = engine.launch()
    begun = Steps(forgetful("step", "begin_step")).begin(engine.delivery(run, FETCH, "run"), 60.0)
    assert [effect.payload.get("type") for effect in begun.effects] == [
        "orchestration.run.created", "orchestration.run.updated", "orchestration.step.running",
    ]  # fmt: skip
    assert begun.outcome == "begun"


def test_a_gate_is_released_at_once(engine: Engine, forgetful: ForgetfulOf) -> None:
    run = engine.start(BOTH)
    engine.gate(run, "d", "the gate's token")
    engine.agents.script = [answer(), answer()]
    engine.step(run, "a")
    attempts = Attempts(Steps(forgetful("step", "complete_step")), engine.effects, pause=lambda _: None)
    RunStep(attempts, engine.agents)(engine.delivery(run, "b", "run"), lambda: 120.0)
    assert engine.released() == ["the gate's token"]


def test_a_run_that_was_recovered_is_said_to_be_and_its_execution_started(
    engine: Engine, forgetful: ForgetfulOf
) -> None:
    run = engine.launch()
    fail(engine, run)
    engine.effects.effects.clear()
    recover = Recover(Recoveries(forgetful("api", "recover_run")), engine.effects)
    answered = recover.retry(engine.caller, RetryRequest(run.run_id))
    assert (answered["status"], answered["generation"]) == ("running", 2)
    assert engine.effects.kinds() == ["stop", "start", "orchestration.run.updated"]
    assert engine.run(run)["generation"] == 2


def test_somebody_elses_recovery_is_not_taken_for_ones_own(engine: Engine, forgetful: ForgetfulOf) -> None:
    run = engine.launch()
    fail(engine, run)
    record = Recoveries(forgetful("api", "no statement"))
    command = RecoverCommand(run_id=run.run_id, generation=1, user_id=engine.caller.user_id, step_id=FETCH)
    assert [record.recover(command).outcome for _ in range(2)] == ["taken", "not_failed"]


def test_what_an_abort_ordered_in_the_whole_tree_is_delivered_at_once(engine: Engine, forgetful: ForgetfulOf) -> None:
    run = engine.start(REVIEW, **RANGE)
    child = engine.step(run, CHILD, "prepare")["input"]["run_id"]
    record = Recoveries(forgetful("api", "abort_run"))
    acted = record.abort(AbortCommand(run.run_id, engine.caller.user_id, None))
    stopped = [effect.run_id for effect in acted.effects if effect.kind == "stop"]
    assert (acted.outcome, stopped) == ("same", [run.run_id, child])


def test_a_child_that_was_made_is_started_in_the_generation_that_the_record_has(
    engine: Engine, forgetful: ForgetfulOf
) -> None:
    run = engine.start(REVIEW, **RANGE)
    attempts = Attempts(Steps(forgetful("step", "no statement")), engine.effects, pause=lambda _: None)
    prepare = PrepareChild(attempts, Children(forgetful("step", "insert_child")), MACHINES)
    engine.effects.effects.clear()
    prepared = prepare(engine.delivery(run, CHILD, "prepare"), lambda: 120.0)
    child = engine.of(prepared["input"]["run_id"])
    assert prepared["input"]["generation"] == engine.run(child)["generation"]
    assert engine.effects.kinds().count("orchestration.run.created") == 2
