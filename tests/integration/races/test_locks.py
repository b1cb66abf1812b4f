"""What boundaries hold while they work, and what becomes of one that gives way to another."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import psycopg
import pytest

from baton.store.database import Database
from baton.store.steps import Steps
from tests.integration.record.engine import FETCH, EngineFixture
from tests.integration.waiting import PATIENCE, wait_until

from .conftest import at_once, errors_of

ROUNDS = 30
LOCKED = "select from orchestration_runs where id = %s for no key update"
WAITS = "select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.usename = 'baton_step'"


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_boundary_refuses_to_work_on_an_old_snapshot(
    engine: EngineFixture, login_url: Callable[[str], str], isolation: str
) -> None:
    run = engine.launch()
    option = isolation.replace(" ", "\\%20")
    with closing(Database(f"{login_url('step')}?options=-c%20default_transaction_isolation%3D{option}")) as database:
        begin = partial(Steps(database).begin, engine.delivery(run, FETCH, "run"), 60.0)
        with pytest.raises(psycopg.errors.InvalidTransactionState, match=f"READ COMMITTED.*{isolation.upper()}"):
            begin()
    assert engine.status(run, FETCH) == "pending"


def test_a_boundary_that_meets_a_deadlock_is_crossed_once_by_a_second_try(
    engine: EngineFixture, connect: Callable[[str], Database], database_url: str
) -> None:
    """Somebody holds the attempt that the boundary is about to end, and wants the run that it has locked."""
    run, steps = engine.launch(), Steps(connect("step"))
    delivery = engine.delivery(run, FETCH, "run")
    begun = steps.begin(delivery, 60.0)
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as other:
        attempts = "select from orchestration_step_attempts where run_id = %s for update"
        other.execute(attempts, (run.run_id,))
        error = {"type": "Refused", "message": "no", "retryable": False}
        failing = threads.submit(partial(steps.fail, delivery, begun.attempt_number, error=error, retry_count=0))
        wait_until(lambda: engine.all(WAITS))
        other.execute(LOCKED, (run.run_id,))  # until the boundary, which waited first, has given way
        other.rollback()
        failed = failing.result(PATIENCE)
    assert (failed.recorded, failed.will_retry) == (True, False)
    assert engine.event_types(run).count("step.failed") == 1


def test_strike_offs_that_overlap_wait_for_nobody(engine: EngineFixture, connect: Callable[[str], Database]) -> None:
    first, second = connect("step"), connect("step")
    for _ in range(ROUNDS):
        runs = engine.launch(), engine.launch()
        rows = engine.all("select id from baton.outbox where run_id = any (%s)", [run.run_id for run in runs])
        delivered = [str(row["id"]) for row in rows]
        assert len(delivered) == 4
        first.delivered.add(delivered)
        second.delivered.add(delivered[::-1])
        begin = [
            partial(Steps(database).begin, engine.delivery(run, FETCH, "run"), 60.0)
            for database, run in zip((first, second), runs, strict=True)
        ]
        answers = at_once(*begin)
        assert errors_of(answers) == []
        left = engine.all("select id from baton.outbox where id = any (%s)", [uuid.UUID(one) for one in delivered])
        assert left == []
