"""Only the newest execution that Baton started for a run acts.

People start copies in the console of Step Functions ("New execution" with the input of a running one), and an execution
of an earlier generation may still be at work. Whichever Task they reach, nothing changes, the Task fails in words, and
the run goes on to its end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from baton.errors import RunEnded, StaleGeneration
from baton.model import CheckpointTask, StepTask
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .fakes import answer
from .preparations import N_SHAPE, complete_steps

EVERYTHING = """
    metadata: {name: everything, displayName: Everything, version: 1.0.0, description: a Task of every kind}
    orchestration:
      parameters: [{name: numbers, type: "number[]", default: [7]}]
      steps:
        - {id: first, agent: summarizer, output_mapping: {text: $.content.deliverable.content}}
        - {id: each, agent: summarizer, depends_on: [first], for_each: "{{ numbers }}", as: number}
        - {id: child, type: orchestration, depends_on: [each], orchestration: {name: n-shape}}
        - {id: tolerant, agent: summarizer, depends_on: [child], continue_on_failure: true}
        - id: ask
          agent: summarizer
          depends_on: [tolerant]
          checkpoint_after:
            question: Good?
            timeout_seconds: 60
            on_timeout: continue
            options: [{action: continue}, {action: retry}, {action: abort}]
        - {id: last, agent: summarizer, depends_on: [ask]}
"""
TASKS = (
    ("run", "first"), ("expand", "each"), ("item", "each[0]"), ("gather", "each"), ("prepare", "child"),
    ("collect", "child"), ("settle", "tolerant"), ("run", "ask"), ("checkpoint", "ask"), ("expire", "ask"),
    ("gate", "last"), ("run", "last"),
)  # fmt: skip
TABLES = (
    "public.orchestration_runs", "public.orchestration_steps", "public.orchestration_step_attempts",
    "public.orchestration_events", "public.human_approvals", "public.deliverables", "baton.executions", "baton.outbox",
    "baton.checkpoint_tokens", "baton.gate_tokens", "baton.step_cache",
)  # fmt: skip


@dataclass
class Caller:
    """An execution that calls the Tasks of a run; ``healthy``: its run takes them."""

    engine: EngineFixture
    run: LaunchedRun
    arn: str
    generation: int = 1

    def act(self, action: str, step_id: str) -> Any:
        engine, run = self.engine, self.run
        if action in ("gate", "checkpoint"):
            task = replace(
                engine.waiting_task(run, step_id, f"token of {self.arn}", self.generation), execution=self.arn
            )
            return (engine.open_gate if action == "gate" else engine.open_checkpoint)(task)
        if action == "expire":
            return engine.expire_checkpoint(run.run_id, step_id, self.arn)
        delivery = replace(
            engine.delivery(run, step_id, action, generation=self.generation),
            execution=self.arn,
            delivery_id=str(uuid.uuid5(uuid.UUID(run.run_id), f"{self.arn} {step_id}")),
        )
        if action == "settle":
            return engine.settle_step(delivery)
        engine.agents.script = [answer()]
        return engine.actions["run" if action == "item" else action](delivery, lambda: 120.0)


def copy_in_the_console(engine: EngineFixture, run: LaunchedRun) -> tuple[Caller, Caller]:
    """A copy of the running execution, with its input, and the execution itself."""
    own = engine.execution(run.run_id, 1)
    return Caller(engine, run, f"{own.rpartition(':')[0]}:{uuid.uuid4()}"), Caller(engine, run, own)


def namesake_on_another_machine(engine: EngineFixture, run: LaunchedRun) -> tuple[Caller, Caller]:
    """A copy with the name of the running execution, which is possible on another machine."""
    own = engine.execution(run.run_id, 1)
    machine, _, name = own.rpartition(":")
    return Caller(engine, run, f"{machine}-2:{name}"), Caller(engine, run, own)


def earlier_generation(engine: EngineFixture, run: LaunchedRun) -> tuple[Caller, Caller]:
    engine.next_execution(run)
    earlier, newest = (engine.execution(run.run_id, generation) for generation in (1, 2))
    return Caller(engine, run, earlier), Caller(engine, run, newest, generation=2)


def record(engine: EngineFixture) -> dict[str, list[dict[str, Any]]]:
    return {table: engine.all(f"select to_jsonb(t) as row from {table} t order by 1") for table in TABLES}


def check_refused(engine: EngineFixture, run: LaunchedRun, intruder: Caller, action: str, step_id: str) -> None:
    before, asked, effects = record(engine), len(engine.agents.asked), len(engine.effects.effects)
    with pytest.raises(StaleGeneration, match=f"nothing has changed.* baton retry {run.run_id}"):
        intruder.act(action, step_id)
    assert (len(engine.agents.asked), len(engine.effects.effects)) == (asked, effects)
    assert record(engine) == before


def go_on(engine: EngineFixture, healthy: Caller, tasks: tuple[tuple[str, str], ...]) -> None:
    for action, step_id in tasks:
        prepare(engine, healthy.run, action)
        healthy.act(action, step_id)


def prepare(engine: EngineFixture, run: LaunchedRun, action: str) -> None:
    """What happens outside of the execution before a Task."""
    if action == "collect":
        (child,) = engine.all("select id::text from orchestration_runs where parent_run_id = %s", run.run_id)
        generation = engine.one("select generation from orchestration_runs where id = %s", child["id"])["generation"]
        for step_id in "abcd":
            engine.agents.script = [answer()]
            engine.step(engine.of(child["id"]), step_id, generation=generation)
    if action == "expire":
        engine.owner.execute("update human_approvals set expires_at = now() where status = 'pending'")


@pytest.mark.parametrize("intrude", [copy_in_the_console, namesake_on_another_machine, earlier_generation])
@pytest.mark.parametrize("place", range(len(TASKS)), ids=[f"{action} {step_id}" for action, step_id in TASKS])
def test_an_execution_that_is_not_the_newest_changes_nothing_and_its_run_ends_well(
    engine: EngineFixture,
    place: int,
    intrude: Callable[[EngineFixture, LaunchedRun], tuple[Caller, Caller]],
) -> None:
    engine.define(N_SHAPE)
    run = engine.start(EVERYTHING)
    go_on(engine, Caller(engine, run, engine.execution(run.run_id, 1)), TASKS[:place])
    prepare(engine, run, TASKS[place][0])
    intruder, healthy = intrude(engine, run)

    check_refused(engine, run, intruder, *TASKS[place])
    healthy.act(*TASKS[place])
    check_refused(engine, run, intruder, *TASKS[place])  # the record has the answer for the newest alone
    go_on(engine, healthy, TASKS[place + 1 :])
    assert engine.run(run)["status"] == "completed"
    check_refused(engine, run, intruder, *TASKS[place])


def test_a_copy_does_not_get_the_decision_of_a_person(engine: EngineFixture) -> None:
    engine.define(N_SHAPE)
    run = engine.start(EVERYTHING)
    copy, healthy = copy_in_the_console(engine, run)
    before = TASKS.index(("checkpoint", "ask"))
    go_on(engine, healthy, TASKS[:before])
    approval = healthy.act("checkpoint", "ask")["approval_id"]
    check_refused(engine, run, copy, "checkpoint", "ask")
    engine.decide(approval, "continue")
    (completion,) = (effect for effect in engine.effects.effects if effect.kind == "complete")
    assert completion.token == f"token of {healthy.arn}"
    complete_steps(engine, run, "last")
    assert engine.run(run)["status"] == "completed"


@pytest.mark.parametrize(("action", "step_id"), [task for task in TASKS if task[0] != "expire"])
def test_a_redrive_of_a_failed_runs_execution_says_what_continues_the_run(
    engine: EngineFixture, action: str, step_id: str
) -> None:
    """It has the same ARN, so it is the newest execution. An expiry may still decide to continue, as a person may."""
    engine.define(N_SHAPE)
    run = engine.start(EVERYTHING)
    healthy = Caller(engine, run, engine.execution(run.run_id, 1))
    go_on(engine, healthy, TASKS[: TASKS.index((action, step_id))])
    prepare(engine, run, action)
    engine.owner.execute("""select baton.close_failed_run(%s, '{"type": "T", "message": "m"}')""", (run.run_id,))
    before = record(engine)
    with pytest.raises(RunEnded, match=f"baton retry {run.run_id}"):
        healthy.act(action, step_id)
    assert record(engine) == before


def test_every_action_of_a_state_machine_is_among_the_tasks() -> None:
    assert {action for action, _ in TASKS} == {*StepTask, "gate", "checkpoint", CheckpointTask.EXPIRE}
