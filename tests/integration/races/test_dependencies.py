"""A step whose token was completed by hand begins while its last dependency completes."""

from __future__ import annotations

from functools import partial

from baton.ports.steps import BeginResult, CompleteResult
from tests.integration.record.engine import EngineFixture
from tests.integration.record.preparations import N_SHAPE, complete_steps

from .conftest import TwoEngines, at_once


def test_a_step_begins_only_after_its_last_dependency(engine: EngineFixture, two_engines: TwoEngines) -> None:
    name, record = engine.define(N_SHAPE), engine.settle_step.record
    finisher, other = (engine.settle_step.record for engine in two_engines)
    for _ in range(25):
        run = engine.launch(orchestration=name, parameters={})
        engine.gate(run, "d")
        complete_steps(engine, run, "a", "c")
        last, by_hand = (engine.delivery(run, step_id, "run") for step_id in ("b", "d"))
        attempt_number = record.begin(last, 60.0).attempt_number
        finished, begun = at_once(partial(finisher.skip, last, attempt_number), partial(other.begin, by_hand, 60.0))
        assert isinstance(finished, CompleteResult)
        assert isinstance(begun, BeginResult)
        if begun.outcome != "begun":
            assert (begun.outcome, engine.status(run, "d")) == ("dependencies_not_done", "queued")
            begun = record.begin(by_hand, 60.0)
        record.skip(by_hand, begun.attempt_number)
        assert engine.run(run)["status"] == "completed"
