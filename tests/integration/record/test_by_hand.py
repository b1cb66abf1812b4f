"""A person completes a token, or writes an effect, by hand: the run still goes on only as the record says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from baton.engine import StepFunctions
from baton.errors import AgentCallFailed, StepExhausted, StepNotReady
from baton.outbox import Effect
from baton.store.database import Database
from baton.store.outbox import OutboxTable
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.relay_outbox import CompleteCheckpoints, DecisionMissing

from .engine import ENGINE, FETCH, MACHINES, SUMMARIZE, EngineFixture
from .fakes import answer
from .preparations import N_SHAPE, complete_steps, waiting_run

BEHIND = """
    metadata: {name: behind, displayName: Behind, version: 1.0.0, description: a list and a child behind a step}
    orchestration:
      parameters:
        - {name: numbers, type: "number[]", default: [1, 2]}
      steps:
        - {id: first, name: First, agent: summarizer}
        - {id: each, name: Each, agent: summarizer, depends_on: [first], for_each: "{{ numbers }}", as: number}
        - id: child
          name: Child
          type: orchestration
          depends_on: [first]
          orchestration: {name: n-shape}
"""


def check_untouched(engine: EngineFixture, run: LaunchedRun, step_id: str) -> None:
    assert (engine.status(run, step_id), engine.run(run)["status"]) == ("pending", "running")
    attempts = "select 1 from orchestration_step_attempts where run_id = %s and step_id = %s"
    assert engine.all(attempts, run.run_id, step_id) == []


def test_a_gates_token_completed_by_hand_opens_nothing_and_the_run_completes_as_usual(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d")
    complete_steps(engine, run, "a")
    events = engine.event_types(run)
    with pytest.raises(StepNotReady, match="d of run .*: dependencies not done"):
        engine.step(run, "d")
    check_untouched(engine, run, "d")
    assert engine.event_types(run) == events
    assert len(engine.agents.asked) == 1

    complete_steps(engine, run, "b")
    assert engine.released() == ["gate of d"]
    complete_steps(engine, run, "c", "d")
    assert engine.run(run)["status"] == "completed"


def test_a_checkpoints_token_completed_by_hand_decides_nothing(engine: EngineFixture) -> None:
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH)
    with pytest.raises(StepNotReady):
        engine.step(run, SUMMARIZE)
    assert (engine.status(run, SUMMARIZE), engine.run(run)["status"]) == ("pending", "checkpoint")

    engine.decide(approval, "continue")
    complete_steps(engine, run, SUMMARIZE)
    assert engine.run(run)["status"] == "completed"


@pytest.mark.parametrize(
    ("step_id", "action"), [("each", "expand"), ("each", "gather"), ("child", "prepare"), ("child", "collect")]
)
def test_no_task_of_a_step_acts_before_the_steps_dependencies_are_done(
    engine: EngineFixture, step_id: str, action: str
) -> None:
    engine.define(N_SHAPE)
    run = engine.start(BEHIND)
    engine.next_execution(run)
    engine.gate(run, step_id, generation=2)  # the run has begun
    with pytest.raises(StepNotReady):
        engine.step(run, step_id, action, generation=2)
    check_untouched(engine, run, step_id)
    assert engine.all("select 1 from orchestration_steps where item_of is not null") == []
    assert engine.all("select 1 from orchestration_runs where parent_run_id is not null") == []


def test_an_item_waits_for_the_dependencies_of_its_step(engine: EngineFixture) -> None:
    engine.define(N_SHAPE)
    run = engine.start(BEHIND)
    complete_steps(engine, run, "first")
    engine.step(run, "each", "expand")
    set_status = "update orchestration_steps set status = %s, completed_at = %s where step_id = 'first'"
    engine.owner.execute(set_status, ("checkpoint", None))
    with pytest.raises(StepNotReady):
        engine.step(run, "each[0]")
    engine.owner.execute(set_status, ("completed", "2026-11-26"))
    complete_steps(engine, run, "each[0]", "each[1]")
    assert engine.step(run, "each", "gather")["status"] == "completed"


def test_a_step_that_could_not_begin_is_not_settled_as_failed(engine: EngineFixture) -> None:
    """Every error of a Task of the step leads to ``settle``, if the run may go on without the step."""
    run = engine.start(N_SHAPE.replace("{id: d, name: D,", "{id: d, name: D, continue_on_failure: true,"))
    complete_steps(engine, run, "a")
    with pytest.raises(StepNotReady):
        engine.settle(run, "d")
    check_untouched(engine, run, "d")
    complete_steps(engine, run, "b")
    assert engine.settle(run, "d") == {"step_id": "d", "status": "failed"}


def test_an_admitted_step_waits_again_for_a_dependency_that_is_tried_again(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d")
    complete_steps(engine, run, "a", "b")
    assert engine.status(run, "d") == "queued"
    engine.owner.execute(
        "update orchestration_steps set status = 'pending', completed_at = null, attempt_number = 2 where step_id = 'b'"
    )
    engine.next_execution(run)
    engine.gate(run, "d", "of the next execution", generation=2)
    assert engine.released() == ["gate of d"]
    engine.agents.script = [answer()]
    engine.step(run, "b", generation=2)
    assert engine.released()[1:] == ["of the next execution"]


class CompletedTasks:
    """Step Functions, as far as tasks need it: records the output with which each token is completed."""

    def __init__(self) -> None:
        self.completed: list[tuple[str, object]] = []

    def complete(self, token: str, output: object) -> None:
        self.completed.append((token, output))

    def is_running(self, execution: str) -> bool:
        return True


@pytest.fixture
def deliver(login_url: Callable[[str], str]) -> Iterator[Callable[[str], list[tuple[str, object]]]]:
    """Delivers an effect as the relay does. Returns the completed tokens and their outputs."""
    with closing(Database(login_url("approval"))) as database:
        table, tasks = OutboxTable(database), CompletedTasks()

        def deliver(effect_id: str) -> list[tuple[str, object]]:
            effect = table.effect_to_complete(effect_id)
            assert effect is not None
            CompleteCheckpoints(table, tasks)([effect])
            return tasks.completed

        yield deliver


def insert_effect(engine: EngineFixture, run: LaunchedRun, kind: str, payload: str, *params: Any) -> str:
    row = engine.one(
        f"insert into baton.outbox (run_id, kind, payload) values (%s, %s, {payload}) returning id",
        run.run_id,
        kind,
        *params,
    )
    return str(row["id"])


SAYS_CONTINUE = "jsonb_build_object('approvalId', %s::text, 'decision', 'continue')"


@pytest.mark.parametrize("decision", ["retry", "abort"])
def test_a_completion_sends_the_recorded_decision_and_not_its_rows_payload(
    engine: EngineFixture, deliver: Callable[[str], list[tuple[str, object]]], decision: str
) -> None:
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH, "token")
    engine.decide(approval, decision)
    engine.owner.execute("delete from baton.outbox where kind = 'complete'")
    effect_id = insert_effect(engine, run, "complete", SAYS_CONTINUE, approval)
    assert deliver(effect_id) == [("token", {"decision": decision})]


def test_a_decision_that_is_delivered_at_once_is_also_the_recorded_one(engine: EngineFixture) -> None:
    run = waiting_run(engine)
    engine.decide(engine.checkpoint(run, FETCH), "retry")
    (effect,) = (effect for effect in engine.effects.effects if effect.kind == "complete")
    assert effect.payload["decision"] == "retry"
    assert engine.one("select payload ? 'decision' as says from baton.outbox where kind = 'complete'")["says"] is False


def test_a_completion_without_a_decision_sends_nothing(
    engine: EngineFixture, deliver: Callable[[str], list[tuple[str, object]]]
) -> None:
    run = waiting_run(engine)
    approval = engine.checkpoint(run, FETCH, "token")
    effect_id = insert_effect(engine, run, "complete", SAYS_CONTINUE, approval)
    with pytest.raises(DecisionMissing, match=f"approval {approval} is not decided"):
        deliver(effect_id)
    assert engine.decide(approval, "continue")["decision"] == "continue"


def test_a_release_of_an_unreleased_gate_sends_nothing(engine: EngineFixture, login_url: Callable[[str], str]) -> None:
    run = engine.start(N_SHAPE)
    engine.gate(run, "d")
    engine.owner.execute("delete from baton.outbox")
    gate = engine.one("select id from baton.gate_tokens")["id"]
    insert_effect(engine, run, "release", "jsonb_build_object('stepId', 'd', 'gateId', %s::int)", gate)
    engine.owner.execute("update baton.outbox set available_at = now()")
    with closing(Database(login_url("relay"))) as database:
        effects: Sequence[Effect] = OutboxTable(database).claim_due(ENGINE.id, 10)
    assert [(effect.kind, effect.token) for effect in effects] == [("release", None)]
    with pytest.raises(StepNotReady):
        StepFunctions(MACHINES).release(effects)


def test_a_step_that_failed_without_its_run_is_done_for_its_dependents(engine: EngineFixture) -> None:
    run = engine.start(N_SHAPE.replace("{id: b, name: B,", "{id: b, name: B, continue_on_failure: true,"))
    complete_steps(engine, run, "a")
    engine.agents.script = [AgentCallFailed("AgentRefused", "no", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, "b")
    complete_steps(engine, run, "d", "c")
    assert engine.run(run)["status"] == "completed"
