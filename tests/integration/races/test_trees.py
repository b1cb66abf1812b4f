"""A tree that is ended while a child run in it inserts a child of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from baton.connection import Row
from baton.store.children import Children
from baton.store.database import Database, Params
from baton.store.recovery import Recoveries
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.recovery import AbortRequest, RecoverRun
from tests.integration.record.engine import FETCH, EngineFixture
from tests.integration.record.test_children import CHILD, RANGE, REVIEW
from tests.integration.waiting import PATIENCE, wait_until

OUTER = """
    metadata: {name: outer, displayName: Outer, version: 1.0.0, description: two reviews side by side}
    orchestration:
      parameters:
        - {name: start_date, type: date, required: true}
        - {name: end_date, type: date, required: true}
      steps:
""" + "".join(
    f"""
        - id: {name}
          name: {name}
          type: orchestration
          orchestration:
            name: review
            parameters: {{start_date: "{{{{ start_date }}}}", end_date: "{{{{ end_date }}}}"}}
"""
    for name in ("one", "other")
)


class PausedDatabase(Database):
    """Pauses at the end of a boundary's transaction, before its commit, until ``resume`` is set."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.paused, self.resume = threading.Event(), threading.Event()
        self.pid = int(self.fetch_all("select pg_backend_pid() as pid", {})[0]["pid"])

    def fetch_one(self, sql: str, params: Params) -> Row | None:
        def run(connection: psycopg.Connection[Row]) -> Row | None:
            with connection.transaction():
                row = connection.execute(sql, params).fetchone()
                self.paused.set()
                assert self.resume.wait(PATIENCE)
                return row

        return self._run(run)


@dataclass(frozen=True)
class HeldBackChildren:
    """Children whose insert waits, behind its locks and before it writes a run, until ``holder`` commits."""

    children: Children
    holder: psycopg.Connection[Any]

    def insert(self, **child: Any) -> Any:
        self.holder.execute("lock table orchestration_runs in share mode")
        return self.children.insert(**child)


class TreeFixture:
    """A root run with two children, one of which makes a child while the root is aborted."""

    def __init__(self, engine: EngineFixture, connect: Callable[[str], Database], threads: ThreadPoolExecutor) -> None:
        self.engine = engine
        self.threads = threads
        self.recover = RecoverRun(Recoveries(connect("api")), engine.effects)
        engine.define(REVIEW)
        self.root = engine.start(OUTER, **RANGE)
        children = [engine.step(self.root, name, "prepare")["input"]["run_id"] for name in ("one", "other")]
        self.first, self.second = sorted(children)  # the order of their locks

    def abort(self) -> Future[Any]:
        return self.threads.submit(self.recover.abort, self.engine.caller, AbortRequest(self.root.run_id))

    def prepare_below_first(self, children: Any) -> Future[Any]:
        prepare = replace(self.engine.actions["prepare"], children=children)
        delivery = self.engine.delivery(self.first, CHILD, "prepare")
        return self.threads.submit(prepare, delivery, lambda: 120.0)

    def wait_until_blocking(self, pid: int) -> None:
        waiting = "select from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
        wait_until(lambda: self.engine.all(waiting, pid))

    def grandchild(self) -> LaunchedRun:
        row = self.engine.one("select id from orchestration_runs where parent_run_id = %s", self.first)
        return self.engine.of(str(row["id"]))

    def statuses(self) -> list[str]:
        return [row["status"] for row in self.engine.all("select status from orchestration_runs")]


def pid_of(database: Database) -> int:
    row = database.fetch_one("select pg_backend_pid() as pid", {})
    assert row is not None
    return int(row["pid"])


@pytest.fixture
def tree(engine: EngineFixture, connect: Callable[[str], Database]) -> Iterator[TreeFixture]:
    with ThreadPoolExecutor(2) as threads:
        yield TreeFixture(engine, connect, threads)


@pytest.fixture
def paused_database(login_url: Callable[[str], str]) -> Iterator[PausedDatabase]:
    with closing(PausedDatabase(login_url("step"))) as database:
        yield database


def test_a_new_grandchild_and_the_end_of_its_root_run_do_not_deadlock(
    tree: TreeFixture, connect: Callable[[str], Database], database_url: str
) -> None:
    database = connect("step")  # holds the child's lock, and will insert a row that refers to the root
    pid = pid_of(database)
    with psycopg.connect(database_url) as holder:
        prepared = tree.prepare_below_first(HeldBackChildren(Children(database), holder))
        tree.wait_until_blocking(holder.info.backend_pid)
        aborted = tree.abort()
        tree.wait_until_blocking(pid)
        holder.commit()
    assert prepared.result(PATIENCE)["status"] == "start"
    assert aborted.result(PATIENCE)["status"] == "aborted"
    assert tree.statuses() == ["aborted"] * 4


def test_a_run_that_is_made_while_its_tree_is_being_locked_is_locked_too(
    tree: TreeFixture, paused_database: PausedDatabase, database_url: str
) -> None:
    """The lock waits for an insert below the run, and the new run ends with the tree."""
    lock = "select baton.lock_run(%s)"
    with psycopg.connect(database_url) as second, psycopg.connect(database_url) as in_grandchild:
        second.execute(lock, (tree.second,))
        prepared = tree.prepare_below_first(Children(paused_database))
        assert paused_database.paused.wait(PATIENCE)
        aborted = tree.abort()
        tree.wait_until_blocking(paused_database.pid)
        paused_database.resume.set()
        prepared.result(PATIENCE)
        tree.wait_until_blocking(second.info.backend_pid)

        grandchild = tree.grandchild()
        in_grandchild.execute(lock, (grandchild.run_id,))
        in_grandchild.execute(
            "insert into human_approvals (run_id, organization_id, step_id, attempt_number, question, options)"
            " select run_id, organization_id, step_id, 1, '?', '[]' from orchestration_steps"
            " where run_id = %s and step_id = %s",
            (grandchild.run_id, FETCH),
        )
        second.commit()
        tree.wait_until_blocking(in_grandchild.info.backend_pid)
        in_grandchild.commit()
        aborted.result(PATIENCE)
    assert tree.statuses() == ["aborted"] * 4
    assert tree.engine.one("select status from human_approvals")["status"] == "closed"
