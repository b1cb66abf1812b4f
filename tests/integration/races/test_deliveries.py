"""At the same moment: two deliveries of one step, an abort and a completion, two recoveries of one run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Any

from baton.errors import Conflict, RunEnded, StepExhausted
from baton.store.database import Database
from baton.store.recovery import Recoveries
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.recovery import AbortRequest, RecoverRun, RetryRequest
from tests.integration.record.engine import EngineFixture
from tests.integration.record.fakes import answer, refusal
from tests.integration.recording import RecordingEffects
from tests.integration.waiting import PATIENCE

from .conftest import BRANCHES, TwoEngines, at_once, errors_of


class DoubleDelivery:
    """Two deliveries of one step. The agent answers the first when the second waits for its outcome; the second waits
    until the first is done."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._waiting, self._done = threading.Event(), threading.Event()

    def deliver(self, engine: EngineFixture, run: LaunchedRun) -> Any:
        try:
            return engine.step(run, "left", key="the same try of the same state")
        finally:
            self._done.set()

    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        self.asked.append(task)
        assert self._waiting.wait(PATIENCE), "the other delivery was not held up"
        return answer()

    def pause(self, seconds: float) -> None:
        self._waiting.set()
        assert self._done.wait(PATIENCE)


def test_the_same_step_delivered_twice_at_once_is_one_attempt_and_one_call_of_the_agent(
    engine: EngineFixture, login_url: Callable[[str], str], database_url: str
) -> None:
    name = engine.define(BRANCHES)
    for _ in range(15):
        run, deliveries = engine.launch(orchestration=name, parameters={}), DoubleDelivery()
        with (
            closing(EngineFixture(login_url, database_url, deliveries, deliveries.pause)) as one,
            closing(EngineFixture(login_url, database_url, deliveries, deliveries.pause)) as other,
        ):
            answers = at_once(*(partial(deliveries.deliver, environment, run) for environment in (one, other)))
        assert answers == [{"step_id": "left", "status": "completed"}] * 2
        assert len(deliveries.asked) == 1
        (attempt,) = engine.all("select * from orchestration_step_attempts where run_id = %s", run.run_id)
        assert (attempt["attempt_number"], attempt["deliveries"], attempt["status"]) == (1, 1, "completed")
        assert engine.event_types(run) == [
            "run.created", "run.updated", "step.running", "step.completed",
        ]  # fmt: skip


def test_an_abort_while_the_last_step_finishes_ends_the_run_in_one_way(
    engine: EngineFixture, two_engines: TwoEngines, connect: Callable[[str], Database]
) -> None:
    name = engine.define(BRANCHES)
    finisher, barrier, effects = two_engines[0], two_engines[0].agents.barrier, RecordingEffects()
    recover = RecoverRun(Recoveries(connect("api")), effects)
    for _ in range(40):
        run = engine.launch(orchestration=name, parameters={})
        engine.agents.script = [answer()]
        engine.step(run, "left")

        def abort(run: LaunchedRun = run) -> dict[str, Any]:
            barrier.wait(PATIENCE)
            return recover.abort(engine.caller, AbortRequest(run.run_id))

        finished, aborted = at_once(partial(finisher.step, run, "right"), abort)
        status, ends = engine.run(run)["status"], engine.event_types(run)[-1]
        if status == "completed":
            assert isinstance(aborted, Conflict)
            assert (finished["status"], ends, effects.kinds()) == ("completed", "run.completed", [])
        else:
            assert isinstance(finished, RunEnded)
            assert (aborted["status"], ends) == ("aborted", "run.aborted")
            assert effects.kinds().count("stop") == 1
            assert engine.status(run, "right") == "skipped"
        effects.effects.clear()


def test_one_of_several_concurrent_retries_starts_the_next_generation(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    name, effects = engine.define(BRANCHES), RecordingEffects()
    operators = [RecoverRun(Recoveries(connect("api")), effects) for _ in range(4)]
    for _ in range(15):
        run = failed_run(engine, name)
        answers = at_once(*(partial(o.retry, engine.caller, RetryRequest(run.run_id)) for o in operators))
        refused = errors_of(answers)
        assert [type(error) for error in refused] == [Conflict] * 3
        (taken,) = (answer for answer in answers if answer not in refused)
        assert (taken["generation"], engine.run(run)["generation"]) == (2, 2)
        assert engine.event_types(run).count("run.updated") == 2  # started, and retried
        assert [e.payload["generation"] for e in effects.effects if e.kind == "start"] == [2]
        effects.effects.clear()


def failed_run(engine: EngineFixture, name: str) -> LaunchedRun:
    run = engine.launch(orchestration=name, parameters={})
    engine.agents.script = [refusal("no", retryable=False)]
    (error,) = errors_of(at_once(partial(engine.step, run, "left")))
    assert isinstance(error, StepExhausted)
    return run
