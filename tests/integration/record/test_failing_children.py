"""Child runs that the parent goes on without: `on_child_failure: continue`, whatever went wrong."""

from __future__ import annotations

import pytest

from baton.errors import RunEnded, StepExhausted
from baton.usecases.launch import LaunchedRun

from .conftest import FETCH, Engine, answer, kpi_answer
from .test_children import CHILD, RANGE, REVIEW
from .test_forks import ForkOf, fork

__all__ = ["fork"]

TOLERANT = REVIEW.replace("type: orchestration", "type: orchestration\n          on_child_failure: continue")


def brief(engine: Engine, parent: LaunchedRun) -> None:
    """The next step runs, and sees of the child that it failed; the parent completes."""
    engine.agents.script = [answer()]
    engine.step(parent, "brief")
    assert engine.agents.asked[-1]["payload"]["context"] == {"status": "failed", "results": None}
    assert engine.run(parent)["status"] == "completed"


def test_a_child_that_cannot_be_made_does_not_end_its_parent(engine: Engine) -> None:
    parent = engine.start(TOLERANT.replace("kpi_names: [revenue], ", ""), **RANGE)
    with pytest.raises(StepExhausted, match="kpi_names"):
        engine.step(parent, CHILD, "prepare")
    assert engine.run(parent)["status"] == "running"
    assert engine.settle(parent, CHILD) == {"step_id": CHILD, "status": "failed"}
    brief(engine, parent)


def test_a_child_that_nobody_collected_is_ended_when_its_parent_goes_on(engine: Engine) -> None:
    """Collect died until its tries were used up."""
    parent = engine.start(TOLERANT, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child.run_id, FETCH)
    engine.checkpoint(child, FETCH)
    engine.settle(parent, CHILD)

    assert (engine.run(child)["status"], engine.status(child, FETCH)) == ("aborted", "skipped")
    assert engine.one("select status from human_approvals")["status"] == "closed"
    assert engine.effects.kinds().count("stop") == 1
    with pytest.raises(RunEnded):
        engine.step(child.run_id, FETCH)
    brief(engine, parent)


def test_a_gate_behind_a_failed_child_is_released_by_whoever_settles_it(engine: Engine) -> None:
    beside = "        - {id: beside, name: Beside, agent: summarizer}\n"
    text = TOLERANT.replace("        - id: brief", f"{beside}        - id: brief")
    text = text.replace("depends_on: [run-kpi-tracking]", "depends_on: [run-kpi-tracking, beside]")
    parent = engine.start(text, **RANGE)
    engine.gate(parent, "brief", "the gate's token")
    engine.agents.script = [answer()]
    engine.step(parent, "beside")
    engine.step(parent, CHILD, "prepare")
    engine.settle(parent, CHILD)
    assert engine.released() == ["the gate's token"]


def test_forks_and_children_go_on_without_their_children_too(engine: Engine, fork: ForkOf) -> None:
    parent = engine.start(TOLERANT, **RANGE)
    engine.settle(parent, CHILD)
    brief(engine, parent)
    forked = engine.of(fork(parent, CHILD).run_id)
    outer = TOLERANT.replace("name: review,", "name: outer,").replace(
        "name: kpi-tracking\n            parameters: {kpi_names: [revenue], ", "name: review\n            parameters: {"
    )
    inner = engine.of(engine.step(engine.start(outer, **RANGE), CHILD, "prepare")["input"]["run_id"])
    for run in (forked, inner):
        engine.settle(run, CHILD)
        brief(engine, run)
