"""Attempts whose agent had no room, or whose result the database could not take: these are no failures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baton.errors import AgentThrottled, ResultNotRecorded, StepExhausted, StoreUnavailable
from baton.ports.steps import Delivery
from baton.store.steps import Steps
from baton.usecases.attempt import MAX_LOST_RESULTS, Attempts
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.run_step import RunStep

from .engine import EngineFixture
from .fakes import FakeAgents, answer
from .preparations import N_SHAPE


class Away:
    """A record that is away when there is something to record."""

    def __init__(self, record: Steps) -> None:
        self.begin = record.begin

    def complete(self, *_: object) -> None:
        raise StoreUnavailable("the database did not answer")


def entered(engine: EngineFixture, run: LaunchedRun, entry: int, retry_count: int = 0) -> Delivery:
    """A call of the Task of `a`, which has entered its state so many times."""
    delivery = engine.delivery(run, "a", "run")
    return replace(delivery, attempt_key=f"{delivery.execution}|a|time {entry}|{retry_count}")


def lose_result(engine: EngineFixture, delivery: Delivery) -> None:
    record = Away(engine.settle_step.record)
    step = RunStep(Attempts(record, engine.effects, pause=lambda _: None), FakeAgents([answer()]))  # type: ignore[arg-type]
    with pytest.raises(ResultNotRecorded, match="the database did not answer"):
        step(delivery, lambda: 120.0)


def pass_time(engine: EngineFixture, run: LaunchedRun, seconds: int) -> None:
    earlier = "update orchestration_step_attempts set lease_until = lease_until - make_interval(secs => %s)"
    engine.owner.execute(f"{earlier} where run_id = %s", (seconds, run.run_id))


def test_results_that_are_lost_again_and_again_are_waited_for(engine: EngineFixture) -> None:
    """A full disk takes the small row of a beginning and not the large one of a result."""
    run = engine.start(N_SHAPE)
    lose_result(engine, entered(engine, run, 0))
    lose_result(engine, entered(engine, run, 1))  # the first loss has no pause
    for losses in range(2, 13):
        pause = min(900, 2 ** (losses - 1))
        pass_time(engine, run, pause - 2)
        if pause > 4:
            with pytest.raises(StoreUnavailable, match="paused"):
                engine.actions["run"](entered(engine, run, losses), lambda: 120.0)
        pass_time(engine, run, 3)
        lose_result(engine, entered(engine, run, losses, 1))
    pass_time(engine, run, 900)
    engine.agents.script = [answer()]
    assert engine.actions["run"](entered(engine, run, 13), lambda: 120.0)["status"] == "completed"
    assert {task["idempotencyKey"] for task in engine.agents.asked} == {f"{run.run_id}:a:1"}
    assert engine.step_row(run, "a")["failures"] == 0


def test_an_attempt_whose_agent_has_no_room_goes_on_with_the_next_try(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    for retry_count in range(3):
        engine.agents.script = [AgentThrottled("busy")]
        with pytest.raises(AgentThrottled):
            engine.actions["run"](entered(engine, run, 1, retry_count), lambda: 120.0)
    engine.agents.script = [answer()]
    assert engine.actions["run"](entered(engine, run, 1, 3), lambda: 120.0)["status"] == "completed"
    step = engine.step_row(run, "a")
    assert (step["failures"], step["attempt_number"]) == (0, 1)
    assert {task["idempotencyKey"] for task in engine.agents.asked} == {f"{run.run_id}:a:1"}
    assert engine.event_types(run).count("step.running") == 1
    assert "step.failed" not in engine.event_types(run)


def test_an_attempt_whose_result_was_lost_begins_again_and_has_not_crashed(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    lose_result(engine, entered(engine, run, 1))
    engine.agents.script = [answer()]
    assert engine.actions["run"](entered(engine, run, 2, 9), lambda: 120.0)["status"] == "completed"
    assert engine.step_row(run, "a")["failures"] == 0
    assert "step.failed" not in engine.event_types(run)


def test_a_try_of_the_same_entry_is_a_crash(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE.replace("steps:", "error_handling: {on_step_failure: {retry_count: 1}}\n      steps:"))
    engine.settle_step.record.begin(entered(engine, run, 1), 60.0)
    engine.agents.script = [answer()]
    assert engine.actions["run"](entered(engine, run, 1, 1), lambda: 120.0)["status"] == "completed"
    assert engine.step_row(run, "a")["failures"] == 1


def test_a_result_that_is_lost_again_and_again_ends_the_attempt(engine: EngineFixture) -> None:
    """Otherwise an agent would be paid for a result that the database never takes."""
    run = engine.start(N_SHAPE)
    for entry in range(MAX_LOST_RESULTS):
        pass_time(engine, run, 900)
        lose_result(engine, entered(engine, run, entry))
    pass_time(engine, run, 900)
    with pytest.raises(StepExhausted, match="ResultNotRecorded"):
        engine.actions["run"](entered(engine, run, MAX_LOST_RESULTS), lambda: 120.0)
    assert engine.run(run)["error"]["type"] == "ResultNotRecorded"
