"""Recovery of a root run with child runs, and with items: it recovers the runs below, too."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Conflict, Invalid, RunEnded, StaleGeneration, StepExhausted
from baton.usecases.launch_run import LaunchedRun

from .engine import FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer
from .test_children import CHILD, RANGE, REVIEW, fail_child
from .test_recovery import Operator, fail, operator

__all__ = ["operator"]


@pytest.fixture
def parent(engine: EngineFixture) -> LaunchedRun:
    return engine.start(REVIEW, **RANGE)


@pytest.fixture
def failed_child(engine: EngineFixture, parent: LaunchedRun) -> str:
    """The failed child run that made ``parent`` fail."""
    child = fail_child(engine, parent)
    with pytest.raises(StepExhausted):
        engine.step(parent, CHILD, "collect")
    engine.effects.effects.clear()
    return child


def test_a_retry_of_the_root_opens_the_same_child_again(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun, failed_child: str
) -> None:
    operator.retry(parent)

    assert operator.starts_and_stops() == [("stop", 1), ("start", 2)]
    child = engine.of(failed_child)
    assert (engine.run(child)["status"], engine.run(child)["error"]) == ("running", None)
    assert engine.status(child, FETCH) == "pending"
    assert engine.step_row(parent, CHILD)["attempt_number"] == 1
    assert engine.event_types(child)[-1] == "run.updated"

    prepared = engine.step(parent, CHILD, "prepare", generation=2)
    assert prepared["input"]["run_id"] == failed_child
    generation = prepared["input"]["generation"]
    assert generation > 1
    engine.agents.script = [kpi_answer(), answer("# Summary")]
    engine.step(failed_child, FETCH, generation=generation)
    engine.decide(engine.checkpoint(child, FETCH, generation=generation), "continue")
    engine.step(failed_child, SUMMARIZE, generation=generation)
    assert engine.step(parent, CHILD, "collect", generation=2)["status"] == "completed"
    assert len(engine.all("select 1 from orchestration_runs")) == 2


INNER = """
    metadata: {name: inner, displayName: Inner, version: 1.0.0, description: one step}
    orchestration:
      steps:
        - {id: only, name: Only, agent: summarizer}
"""
OUTER = """
    metadata: {name: outer, displayName: Outer, version: 1.0.0, description: a step beside a child run}
    orchestration:
      parameters: [{name: size, type: integer, default: 1}]
      error_handling: {on_step_failure: {retry_count: 0}}
      steps:
        - {id: beside, name: Beside, agent: summarizer}
        - id: inner
          name: Inner
          type: orchestration
          when: "{{ size }} < 10"
          orchestration: {name: inner, parameters: {}}
"""


def test_an_existing_child_goes_on_with_its_own_parameters(engine: EngineFixture, operator: Operator) -> None:
    """Meanwhile a version with more parameters was published, and with a person's change no child would be inserted."""
    engine.define(INNER)
    run = engine.start(OUTER)
    child = engine.step(run, "inner", "prepare")["input"]["run_id"]
    needs_more = "      parameters: [{name: budget, type: string, required: true}]\n      steps:"
    engine.define(INNER.replace("1.0.0", "1.1.0").replace("      steps:", needs_more))
    fail(engine, run, "beside")
    operator.retry(run, "beside", modifications={"size": 20})

    prepared = engine.step(run, "inner", "prepare", generation=2)
    assert (prepared["status"], prepared["input"]["run_id"]) == ("start", child)
    assert engine.run(engine.of(child))["definition_version"] == "1.0.0"


@pytest.mark.parametrize("action", ["retry", "skip"])
def test_a_child_is_recovered_through_its_root_run(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun, failed_child: str, action: str
) -> None:
    with pytest.raises(Conflict, match=parent.run_id):
        getattr(operator, action)(engine.of(failed_child))


def test_changes_cannot_reach_a_child_that_has_begun(
    operator: Operator, parent: LaunchedRun, failed_child: str
) -> None:
    with pytest.raises(Invalid, match="fork from this step"):
        operator.retry(parent, CHILD, modifications={"parameters": {"grouping": "week"}})


def test_a_completed_child_of_a_failed_step_is_collected(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun, failed_child: str
) -> None:
    engine.owner.execute(
        "update orchestration_runs set status = 'completed', error = null where id = %s", (failed_child,)
    )
    operator.retry(parent)
    assert engine.step(parent, CHILD, "prepare", generation=2) == {"status": "done", "outcome": "completed"}
    assert engine.step(parent, CHILD, "collect", generation=2)["status"] == "completed"


def test_a_child_that_a_reviewer_aborted_is_opened_again_and_waits_again(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun
) -> None:
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child, FETCH)
    engine.decide(engine.checkpoint(child, FETCH), "abort")
    with pytest.raises(StepExhausted, match="aborted"):
        engine.step(parent, CHILD, "collect")

    operator.retry(parent)
    row = engine.step_row(child, FETCH)
    assert (row["status"], row["attempt_number"], row["skip_reason"]) == ("pending", 2, None)
    turned_down = engine.one("select outputs from orchestration_step_attempts where run_id = %s", child.run_id)
    assert turned_down["outputs"]["query_results"]
    assert engine.status(child, SUMMARIZE) == "pending"
    assert engine.run(child)["status"] == "running"


def test_the_approval_of_a_child_that_ended_with_its_parent_is_opened_again(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun
) -> None:
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child, FETCH)
    approval = engine.checkpoint(child, FETCH)
    operator.abort(child)
    with pytest.raises(StepExhausted, match="aborted"):
        engine.step(parent, CHILD, "collect")

    operator.retry(parent)
    assert (engine.run(child)["status"], engine.status(child, FETCH)) == ("checkpoint", "checkpoint")
    prepared = engine.step(parent, CHILD, "prepare", generation=2)["input"]
    assert engine.checkpoint(child, FETCH, "newer", generation=prepared["generation"]) == approval
    assert engine.decide(approval, "continue")["runStatus"] == "running"


ASKING = """
    metadata: {name: asking, displayName: Asking, version: 1.0.0, description: asks for an hour}
    orchestration:
      steps:
        - id: only
          name: Only
          agent: summarizer
          checkpoint_after:
            question: Right?
            timeout_seconds: 3600
            on_timeout: abort
            options: [{action: continue, label: Go on}, {action: abort, label: Stop}]
        - {id: after, name: After, agent: summarizer, depends_on: [only]}
"""
WAITING = """
    metadata: {name: waiting, displayName: Waiting, version: 1.0.0, description: runs one that asks}
    orchestration:
      steps:
        - {id: inner, name: Inner, type: orchestration, orchestration: {name: asking, parameters: {}}}
"""


def test_a_child_that_a_timeout_aborted_waits_again_and_does_not_get_the_timeouts_decision(
    engine: EngineFixture, operator: Operator
) -> None:
    """A Task that got `abort` would go on past its checkpoint: a machine knows only continue and retry."""
    engine.define(ASKING)
    parent = engine.start(WAITING)
    child = engine.of(engine.step(parent, "inner", "prepare")["input"]["run_id"])
    engine.agents.script = [answer()]
    engine.step(child, "only")
    approval = engine.checkpoint(child, "only")
    for generation in (1, 2):  # the second time has the same timeout as the first
        engine.owner.execute("update human_approvals set expires_at = now()")
        with pytest.raises(RunEnded):
            engine.expire(child, "only", generation=engine.run(child)["generation"])
        with pytest.raises(StepExhausted, match="aborted"):
            engine.step(parent, "inner", "collect", generation=generation)

        operator.retry(parent)
        prepared = engine.step(parent, "inner", "prepare", generation=generation + 1)["input"]
        engine.effects.effects.clear()
        assert engine.checkpoint(child, "only", "newer", generation=prepared["generation"]) == approval
        assert [effect for effect in engine.effects.effects if effect.kind == "complete"] == []
        in_time = "expires_at < now() + interval '1 hour' as in_time"
        asked = engine.one(f"select status, decision, decided_at, {in_time} from human_approvals")
        assert asked == {"status": "pending", "decision": None, "decided_at": None, "in_time": True}
    assert engine.decide(approval, "continue")["runStatus"] == "running"


BESIDE = ASKING.replace("name: asking", "name: beside").replace(
    "        - {id: after",
    """        - id: inner
          name: Inner
          type: orchestration
          orchestration: {name: asking, parameters: {}}
        - {id: after""",
)


@pytest.mark.parametrize("by_clock", [False, True])
def test_an_abort_at_a_checkpoint_ends_the_children_of_other_branches_in_the_same_commit(
    engine: EngineFixture, by_clock: bool
) -> None:
    engine.define(ASKING)
    parent = engine.start(BESIDE)
    child = engine.of(engine.step(parent, "inner", "prepare")["input"]["run_id"])
    approvals = []
    for run in (parent, child):
        engine.agents.script = [answer()]
        engine.step(run, "only")
        approvals.append(engine.checkpoint(run, "only"))
    engine.effects.effects.clear()
    if by_clock:
        engine.owner.execute("update human_approvals set expires_at = now() where run_id = %s", (parent.run_id,))
        with pytest.raises(RunEnded):
            engine.expire(parent, "only")
    else:
        engine.decide(approvals[0], "abort")

    assert [engine.run(run)["status"] for run in (parent, child)] == ["aborted", "aborted"]
    assert [e.run_id for e in engine.effects.effects if e.kind == "stop"] == [parent.run_id, child.run_id]
    with pytest.raises(Conflict, match="aborted"):
        engine.decide(approvals[1], "continue")
    with pytest.raises(RunEnded):
        engine.step(child, "after")


def test_an_open_child_of_a_dead_execution_is_left_to_the_next_one(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun
) -> None:
    child = engine.step(parent, CHILD, "prepare")["input"]["run_id"]
    engine.agents.script = [kpi_answer()]
    engine.step(child, FETCH)
    error = '{"type": "States.Timeout", "message": "too long"}'
    engine.owner.execute(
        "update orchestration_runs set status = 'failed', completed_at = now(), error = %s where id = %s",
        (error, parent.run_id),
    )
    engine.effects.effects.clear()
    operator.retry(parent)

    stops = [(e.run_id, e.payload["generation"]) for e in engine.effects.effects if e.kind == "stop"]
    assert stops == [(parent.run_id, 1), (child, 1)]  # the root's stop first
    with pytest.raises(StaleGeneration):
        engine.step(child, SUMMARIZE)
    assert engine.step(parent, CHILD, "prepare", generation=2)["status"] == "start"


def test_a_step_whose_child_failed_can_be_skipped(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun, failed_child: str
) -> None:
    operator.skip(parent, replacement_output={"status": "skipped"})
    assert engine.step(parent, CHILD, "prepare", generation=2) == {"status": "done", "outcome": "skipped"}
    engine.agents.script = [answer()]
    engine.step(parent, "brief", generation=2)
    assert engine.agents.asked[-1]["payload"]["context"] == {"status": "skipped", "results": None}
    assert engine.run(engine.of(failed_child))["status"] == "failed"


def test_an_abort_of_the_root_ends_everything_below_it(
    engine: EngineFixture, operator: Operator, parent: LaunchedRun
) -> None:
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child, FETCH)
    approval = engine.checkpoint(child, FETCH)
    engine.effects.effects.clear()
    operator.abort(parent)

    assert engine.run(child)["status"] == "aborted"
    assert engine.one("select closed_reason from human_approvals where id = %s", approval)["closed_reason"] == "aborted"
    stopped = {effect.run_id: effect.payload["machine"] for effect in engine.effects.effects if effect.kind == "stop"}
    assert stopped == {parent.run_id: "review", child.run_id: "kpi-tracking"}
    assert engine.event_types(child)[-1] == "run.aborted"
    with pytest.raises(RunEnded):
        engine.step(child, SUMMARIZE)


REGIONS = """
    metadata: {name: regions, displayName: Regions, version: 1.0.0, description: a step an item}
    orchestration:
      error_handling: {on_step_failure: {retry_count: 0}}
      parameters: [{name: regions, type: "string[]", required: true}]
      steps:
        - id: each
          name: Each
          agent: summarizer
          for_each: "{{ parameters.regions }}"
          as: region
          input: {context: {region: "{{ region }}"}}
          output_mapping: {text: $.content.deliverable.content}
"""


@pytest.fixture
def items(engine: EngineFixture) -> LaunchedRun:
    """A run with three items, of which the first is done and the second has failed."""
    run = engine.start(REGIONS, regions=["north", "south", "west"])
    engine.step(run, "each", "expand")
    engine.agents.script = [answer("north is fine")]
    engine.step(run, "each[0]")
    fail(engine, run, "each[1]")
    return run


def collect(engine: EngineFixture, run: LaunchedRun, *todo: int) -> Any:
    for index in todo:
        engine.agents.script = [answer(f"{index} again")]
        engine.step(run, f"each[{index}]", generation=2)
    engine.step(run, "each", "gather", generation=2)
    return engine.run(run)["results"]["steps"]["each"]["text"]


def test_a_retry_runs_the_items_that_are_not_done(
    engine: EngineFixture, operator: Operator, items: LaunchedRun
) -> None:
    assert operator.retry(items)["stepId"] == "each"
    assert engine.step(items, "each", "expand", generation=2)["items"] == [1, 2]
    assert engine.step(items, "each[0]", generation=2)["status"] == "completed"
    assert collect(engine, items, 1, 2) == ["north is fine", "1 again", "2 again"]


def test_changes_run_every_item_again(engine: EngineFixture, operator: Operator, items: LaunchedRun) -> None:
    operator.retry(items, modifications={"regions": ["east", "west"]})
    assert engine.step(items, "each", "expand", generation=2)["items"] == [0, 1]
    assert collect(engine, items, 0, 1) == ["0 again", "1 again"]
    assert engine.agents.asked[-2]["payload"]["context"] == {"region": "east"}
    assert engine.run(items)["status"] == "completed"


def test_a_step_is_skipped_with_all_of_its_items(engine: EngineFixture, operator: Operator, items: LaunchedRun) -> None:
    assert operator.skip(items, replacement_output={"text": ["by hand"]})["status"] == "completed"
    statuses = engine.all("select status from orchestration_steps where run_id = %s order by item_index", items.run_id)
    assert [row["status"] for row in statuses] == ["skipped", "completed", "skipped", "skipped"]
    assert engine.run(items)["results"]["steps"]["each"] == {"text": ["by hand"]}
