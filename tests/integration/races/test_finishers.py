"""Branches that finish at the same moment: the second sees the changes of the first."""

from __future__ import annotations

from functools import partial

from baton.usecases.launch_run import LaunchedRun
from tests.integration.record.engine import EngineFixture
from tests.integration.record.fakes import answer
from tests.integration.record.preparations import N_SHAPE
from tests.integration.waiting import PATIENCE

from .conftest import BRANCHES, TwoEngines, at_once, errors_of


def finish_at_once(two_engines: TwoEngines, run: LaunchedRun, one: str, other: str) -> None:
    answers = at_once(partial(two_engines[0].step, run, one), partial(two_engines[1].step, run, other))
    assert answers == [{"step_id": step_id, "status": "completed"} for step_id in (one, other)]


def released_tokens(two_engines: TwoEngines) -> list[str | None]:
    """The tokens that the two have completed since the last call."""
    tokens = [token for environment in two_engines for token in environment.released()]
    for environment in two_engines:
        environment.effects.effects.clear()
    return tokens


def test_two_branches_that_finish_at_the_same_moment_never_leave_their_run_unfinished(
    engine: EngineFixture, two_engines: TwoEngines
) -> None:
    name = engine.define(BRANCHES)
    for _ in range(300):
        finish_at_once(two_engines, engine.launch(orchestration=name, parameters={}), "left", "right")
    runs = engine.all("select status, count(*) from orchestration_runs group by status")
    assert runs == [{"status": "completed", "count": 300}]
    ends = "select count(*) from orchestration_events where type = 'orchestration.run.completed' group by run_id"
    assert engine.all(ends) == [{"count": 1}] * 300


def test_two_finishers_of_one_gate_release_it_once(engine: EngineFixture, two_engines: TwoEngines) -> None:
    name = engine.define(N_SHAPE)
    for number in range(40):
        run = engine.launch(orchestration=name, parameters={})
        engine.gate(run, "d", f"token {number}")
        finish_at_once(two_engines, run, "a", "b")
        assert released_tokens(two_engines) == [f"token {number}"]
    assert engine.one("select count(*) from baton.outbox where kind = 'release'")["count"] == 40


def test_a_gate_that_opens_while_the_last_step_before_it_finishes_is_released_once(
    engine: EngineFixture, two_engines: TwoEngines
) -> None:
    name = engine.define(N_SHAPE)
    finisher, waiter = two_engines
    for number in range(40):
        run = engine.launch(orchestration=name, parameters={})
        engine.agents.script = [answer()]
        engine.step(run, "a")

        def arrive(run: LaunchedRun = run, token: str = f"token {number}") -> None:
            finisher.agents.barrier.wait(PATIENCE)
            waiter.gate(run, "d", token)

        assert errors_of(at_once(partial(finisher.step, run, "b"), arrive)) == []
        assert released_tokens(two_engines) == [f"token {number}"]
