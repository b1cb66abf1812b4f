"""Steps that wait at a gate: for steps of another branch, or for a place under maxParallel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baton import invocation
from baton.errors import AgentCallFailed, RunEnded, StaleGeneration, StepExhausted, WrongMachine
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .fakes import answer
from .preparations import N_SHAPE

TWO_AT_ONCE = """
    metadata: {name: two-at-once, displayName: Two, version: 1.0.0, description: four steps in two places}
    orchestration:
      execution: {concurrency: {maxParallel: 2}}
      steps:
        - {id: short, name: Short, agent: summarizer}
        - {id: other, name: Other, agent: summarizer}
        - id: looked-at
          name: Looked at
          agent: summarizer
          checkpoint_after:
            question: Right?
            options: [{action: continue, label: Go on}, {action: retry, label: Again}]
        - {id: long, name: Long, agent: summarizer}
        - {id: after-long, name: After long, agent: summarizer, depends_on: [long]}
"""


@pytest.fixture
def n_shaped_run(engine: EngineFixture) -> LaunchedRun:
    return engine.start(N_SHAPE)


@pytest.fixture
def run_at_its_gates(engine: EngineFixture) -> LaunchedRun:
    """A run whose first steps all wait at their gates."""
    run = engine.start(TWO_AT_ONCE)
    for step_id in ("short", "other", "looked-at", "long"):
        engine.gate(run, step_id)
    return run


def finish(engine: EngineFixture, run: LaunchedRun, step_id: str) -> None:
    engine.agents.script = [answer()]
    engine.step(run, step_id)


def test_the_log_names_the_attempt_of_a_gate(engine: EngineFixture, n_shaped_run: LaunchedRun) -> None:
    fields = invocation.begin()
    engine.gate(n_shaped_run, "d")
    assert fields == {"attempt": 1, "organization": "demo"}


def test_the_end_of_the_last_dependency_releases_the_gate(engine: EngineFixture, n_shaped_run: LaunchedRun) -> None:
    engine.gate(n_shaped_run, "d")
    finish(engine, n_shaped_run, "a")
    assert engine.released() == []
    finish(engine, n_shaped_run, "b")
    assert engine.released() == ["gate of d"]
    assert engine.status(n_shaped_run, "d") == "queued"


def test_a_gate_whose_dependencies_are_done_is_released_at_once(
    engine: EngineFixture, n_shaped_run: LaunchedRun
) -> None:
    finish(engine, n_shaped_run, "a")
    finish(engine, n_shaped_run, "b")
    engine.gate(n_shaped_run, "d")
    assert engine.released() == ["gate of d"]


def test_a_gate_is_released_once(engine: EngineFixture, n_shaped_run: LaunchedRun) -> None:
    engine.gate(n_shaped_run, "d")
    for step_id in ("a", "b", "c"):
        finish(engine, n_shaped_run, step_id)
    assert engine.released() == ["gate of d"]


def test_the_outbox_has_no_token_of_a_gate(engine: EngineFixture, n_shaped_run: LaunchedRun) -> None:
    finish(engine, n_shaped_run, "a")
    finish(engine, n_shaped_run, "b")
    engine.gate(n_shaped_run, "d")
    (row,) = engine.all("select payload from baton.outbox where kind = 'release'")
    assert "gate of d" not in str(row["payload"])


def test_the_newest_token_of_a_retried_gate_is_released(engine: EngineFixture, n_shaped_run: LaunchedRun) -> None:
    engine.gate(n_shaped_run, "d", "first")
    engine.gate(n_shaped_run, "d", "second")
    finish(engine, n_shaped_run, "a")
    finish(engine, n_shaped_run, "b")
    assert engine.released() == ["second"]


def test_a_gate_of_a_completed_step_is_released_for_a_later_execution(
    engine: EngineFixture, n_shaped_run: LaunchedRun
) -> None:
    for step_id in ("a", "b", "d"):
        finish(engine, n_shaped_run, step_id)
    engine.next_execution(n_shaped_run)
    engine.gate(n_shaped_run, "d", generation=2)
    assert engine.released() == ["gate of d"]


def test_a_gate_opened_again_after_the_run_has_completed_is_released_at_once(
    engine: EngineFixture, n_shaped_run: LaunchedRun
) -> None:
    for step_id in ("a", "b", "c", "d"):
        finish(engine, n_shaped_run, step_id)
    assert engine.run(n_shaped_run)["status"] == "completed"
    engine.gate(n_shaped_run, "d")
    assert engine.released() == ["gate of d"]


def test_a_gate_refuses_tokens_of_old_executions_other_machines_and_ended_runs(
    engine: EngineFixture, n_shaped_run: LaunchedRun
) -> None:
    engine.gate(n_shaped_run, "d", "of the run's own execution")
    with pytest.raises(StaleGeneration):
        engine.gate(n_shaped_run, "d", generation=2)
    with pytest.raises(WrongMachine):
        engine.open_gate(replace(engine.waiting_task(n_shaped_run, "d", "token"), digest="another machine's"))
    finish(engine, n_shaped_run, "a")
    finish(engine, n_shaped_run, "b")
    assert engine.released() == ["of the run's own execution"]
    engine.agents.script = [AgentCallFailed("AgentRefused", "no", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(n_shaped_run, "c")
    with pytest.raises(RunEnded):
        engine.gate(n_shaped_run, "d")


@pytest.mark.parametrize("is_ready", [False, True])
def test_a_token_that_is_sent_twice_is_stored_and_released_once(
    engine: EngineFixture, n_shaped_run: LaunchedRun, is_ready: bool
) -> None:
    if is_ready:
        finish(engine, n_shaped_run, "a")
        finish(engine, n_shaped_run, "b")
    engine.gate(n_shaped_run, "d")
    engine.gate(n_shaped_run, "d")
    assert engine.released() == ["gate of d"] * is_ready
    assert len(engine.all("select 1 from baton.gate_tokens")) == 1


def test_a_step_that_fails_without_its_run_releases_its_dependents(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE.replace("{id: b, name: B,", "{id: b, name: B, continue_on_failure: true,"))
    engine.gate(run, "d")
    finish(engine, run, "a")
    engine.agents.script = [AgentCallFailed("AgentRefused", "no", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, "b")
    assert engine.released() == ["gate of d"]
    assert engine.run(run)["status"] == "running"


def test_only_max_parallel_steps_are_admitted_and_the_longest_path_goes_first(
    engine: EngineFixture, run_at_its_gates: LaunchedRun
) -> None:
    assert engine.released() == ["gate of short", "gate of other"]  # they got a place at once
    finish(engine, run_at_its_gates, "short")
    assert engine.released()[2:] == ["gate of long"]
    finish(engine, run_at_its_gates, "other")
    assert engine.released()[3:] == ["gate of looked-at"]


def test_a_step_that_waits_for_a_person_holds_no_place(engine: EngineFixture, run_at_its_gates: LaunchedRun) -> None:
    finish(engine, run_at_its_gates, "short")
    finish(engine, run_at_its_gates, "other")
    assert engine.status(run_at_its_gates, "looked-at") == "queued"
    engine.gate(run_at_its_gates, "after-long")
    finish(engine, run_at_its_gates, "looked-at")
    finish(engine, run_at_its_gates, "long")
    assert engine.released()[-1] == "gate of after-long"


def test_a_persons_retry_goes_back_to_the_gate(engine: EngineFixture, run_at_its_gates: LaunchedRun) -> None:
    finish(engine, run_at_its_gates, "short")
    finish(engine, run_at_its_gates, "other")
    finish(engine, run_at_its_gates, "looked-at")
    approval = engine.checkpoint(run_at_its_gates, "looked-at")
    engine.agents.script = [answer()]
    engine.decide(approval, "retry")
    assert engine.status(run_at_its_gates, "looked-at") == "pending"
    engine.gate(run_at_its_gates, "looked-at", "again")
    assert engine.released()[-1] == "again"


def test_a_failed_attempt_keeps_its_place_while_it_backs_off(engine: EngineFixture) -> None:
    text = TWO_AT_ONCE.replace("{maxParallel: 2}}", "{maxParallel: 1}}").replace(
        "      execution:", "      error_handling: {on_step_failure: {retry_count: 1}}\n      execution:"
    )
    run = engine.start(text)
    engine.gate(run, "short")
    engine.gate(run, "other")
    engine.agents.script = [AgentCallFailed("AgentRefused", "busy", retryable=True)]
    with pytest.raises(Exception, match="busy"):
        engine.step(run, "short")
    assert engine.released() == ["gate of short"]
    finish(engine, run, "short")
    assert engine.released() == ["gate of short", "gate of other"]
