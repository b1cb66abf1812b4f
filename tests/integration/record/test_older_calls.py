"""Calls of an earlier execution, or of an earlier boundary, that arrive when the run has moved on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from baton.ports.recovery import AbortCommand
from baton.ports.steps import StepResult
from baton.store.children import Children
from baton.store.database import Database
from baton.store.recovery import Recoveries
from baton.store.steps import Steps

from .engine import FETCH, EngineFixture
from .fakes import answer, kpi_answer
from .preparations import N_SHAPE, begin_step, definition_of, waiting_run
from .test_children import CHILD, RANGE, REVIEW
from .test_items import REGIONS


@pytest.fixture
def step_database(login_url: Callable[[str], str]) -> Iterator[Database]:
    with closing(Database(login_url("step"))) as opened:
        yield opened


def test_a_list_of_an_earlier_execution_replaces_no_items(engine: EngineFixture, step_database: Database) -> None:
    run = engine.start(REGIONS, regions=["north", "south", "west"])
    older, attempt = begin_step(engine, run, "report", "expand")
    engine.next_execution(run)
    assert engine.step(run, "report", "expand", generation=2)["items"] == [0, 1, 2]
    engine.agents.script = [answer()]
    engine.step(run, "report[0]", generation=2)
    Steps(step_database).expand(older, attempt, ["north"])
    items = engine.all("select status from orchestration_steps where run_id = %s and item_of = 'report'", run.run_id)
    assert sorted(item["status"] for item in items) == ["completed", "pending", "pending"]


def test_a_list_of_an_earlier_execution_makes_no_items_before_the_newest_begins(
    engine: EngineFixture, step_database: Database
) -> None:
    run = engine.start(REGIONS, regions=["north", "south"])
    older, attempt = begin_step(engine, run, "report", "expand")
    engine.next_execution(run)
    Steps(step_database).expand(older, attempt, ["north"])
    assert engine.all("select from orchestration_steps where item_of = 'report'") == []


def test_an_earlier_execution_gets_no_child_run_before_the_newest_begins(
    engine: EngineFixture, step_database: Database
) -> None:
    run = engine.start(REVIEW, **RANGE)
    older, attempt = begin_step(engine, run, CHILD, "prepare")
    engine.next_execution(run)
    child = Children(step_database).insert(
        parent_run_id=run.run_id,
        step_id=CHILD,
        attempt_number=attempt,
        attempt_key=older.attempt_key,
        child_id=str(uuid.uuid4()),
        definition_id=definition_of(engine, "kpi-tracking"),
        parameters=RANGE,
        reviews=[],
    )
    assert child is None
    assert engine.all("select from orchestration_runs where parent_run_id is not null") == []


def test_the_items_of_an_earlier_execution_complete_no_step(engine: EngineFixture, step_database: Database) -> None:
    run = engine.start(REGIONS, regions=["north", "south"])
    engine.step(run, "report", "expand")
    older = engine.delivery(run, "report", "gather")
    begun = Steps(step_database).begin(older, 60.0)
    engine.next_execution(run)
    engine.step(run, "report", "expand", generation=2)
    result = StepResult({"text": [None, None]}, has_checkpoint=False)
    assert not Steps(step_database).complete(older, begun.attempt_number, result).recorded
    assert engine.status(run, "report") == "running"


def test_an_earlier_execution_does_not_end_a_child_run_that_goes_on(
    engine: EngineFixture, step_database: Database
) -> None:
    run = engine.start(REVIEW, **RANGE)
    engine.step(run, CHILD, "prepare")
    begun = Steps(step_database).begin(engine.delivery(run, CHILD, "collect"), 60.0)
    assert begun.child_run is not None
    engine.next_execution(run)
    assert engine.step(run, CHILD, "prepare", generation=2)["name"].endswith("-2")
    assert (
        Children(step_database).abort(begun.child_run["id"], begun.child_run["generation"], "nobody waits for it") == ()
    )
    assert (
        engine.one("select status from orchestration_runs where parent_run_id = %s", run.run_id)["status"] == "pending"
    )


def test_a_recorded_cached_answer_is_found_again_after_the_cache_lost_it(
    engine: EngineFixture, step_database: Database
) -> None:
    """The answer to the first call was lost, and the cached answer has expired meanwhile."""
    run, kept = engine.start(N_SHAPE), StepResult({"text": "a"}, has_checkpoint=False, input_hash="h", cache_seconds=60)
    Steps(step_database).complete(*begin_step(engine, run, "a"), kept)
    delivery, attempt = begin_step(engine, engine.launch(orchestration="n-shape", parameters={}), "a")
    cached = StepResult({}, has_checkpoint=False, input_hash="h", from_cache=True)
    for _ in range(2):
        completed = Steps(step_database).complete(delivery, attempt, cached)
        assert (completed.cache_missed, completed.recorded) == (False, True)
        engine.owner.execute("delete from baton.step_cache")


def test_a_checkpoint_that_is_opened_again_after_a_retry_answers_with_the_approval_it_opened(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    run, approval_id, boundary_id = waiting_run(engine), str(uuid.uuid4()), str(uuid.uuid4())
    params = (boundary_id, run.run_id, FETCH, engine.execution(run.run_id, 1), engine.digest(run.run_id), approval_id)
    call = "select baton.open_checkpoint(%s::uuid, '{}', %s, %s, %s, %s, 'the token', %s, 'https://r', 10) as answer"

    def open_checkpoint() -> Any:
        with psycopg.connect(login_url("checkpoint"), autocommit=True, row_factory=dict_row) as connection:
            row = connection.execute(call, params).fetchone()
        assert row is not None
        return row["answer"]

    first = open_checkpoint()
    engine.decide(approval_id, "retry")
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH)
    assert open_checkpoint() == first | {"effects": first["effects"]}
    assert len(engine.all("select from human_approvals where run_id = %s", run.run_id)) == 1


def test_a_run_that_ends_before_it_begins_records_its_launch_first(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    run = engine.launch()
    with closing(Database(login_url("api"))) as api:
        acted = Recoveries(api).abort(AbortCommand(run.run_id, engine.caller.user_id, None))
    sequences = [effect.payload["sequence"] for effect in acted.effects if effect.kind == "event"]
    assert sequences == list(range(1, len(sequences) + 1))
