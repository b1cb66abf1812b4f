"""States of the record in which a boundary has something to do."""

from __future__ import annotations

from baton.ports.steps import Delivery
from baton.usecases.launch_run import LaunchedRun

from .engine import FETCH, EngineFixture
from .fakes import answer, kpi_answer
from .test_children import CHILD, RANGE, REVIEW
from .test_recovery import fail

N_SHAPE = """
    metadata: {name: n-shape, displayName: N, version: 1.0.0, description: c after a; d after a and b}
    orchestration:
      steps:
        - {id: a, name: A, agent: summarizer}
        - {id: b, name: B, agent: summarizer}
        - {id: c, name: C, agent: summarizer, depends_on: [a]}
        - {id: d, name: D, agent: summarizer, depends_on: [a, b]}
"""


def begin_step(engine: EngineFixture, run: LaunchedRun, step_id: str, action: str = "run") -> tuple[Delivery, int]:
    delivery = engine.delivery(run, step_id, action)
    return delivery, engine.settle_step.record.begin(delivery, 60.0).attempt_number


def complete_steps(engine: EngineFixture, run: LaunchedRun, *step_ids: str) -> None:
    for step_id in step_ids:
        engine.agents.script = [answer()]
        engine.step(run, step_id)


def waiting_run(engine: EngineFixture) -> LaunchedRun:
    """A run whose first step is done and waits for a person."""
    run = engine.launch()
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    return run


def failed_run(engine: EngineFixture) -> LaunchedRun:
    run = engine.launch()
    fail(engine, run)
    return run


def open_child(engine: EngineFixture) -> str:
    """The id of an open child run."""
    run = engine.start(REVIEW, **RANGE)
    return str(engine.step(run, CHILD, "prepare")["input"]["run_id"])


def organization(engine: EngineFixture) -> str:
    return str(engine.one("select id from organizations where slug = 'demo'")["id"])


def definition_of(engine: EngineFixture, name: str) -> str:
    return str(engine.one("select id from orchestration_definitions where name = %s", name)["id"])
