"""Concurrent boundaries of an organisation: admins who remove each other, and a call that is repeated before the first
has committed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest

from baton.model import AgentKind, Principal, Role
from baton.ports.library import SubmittedAgent
from baton.store.database import Database
from baton.store.library import LibraryTable
from baton.store.members import MembersTable
from tests.integration.record.engine import EngineFixture
from tests.integration.record.preparations import organization
from tests.integration.waiting import PATIENCE, wait_until

from .conftest import at_once, errors_of

ROUNDS = 10
PUT = "select baton.put_member(%(boundary_id)s, '{}', %(user_id)s, 'demo', %(member_id)s, '{viewer}') as answer"
WAITS = "select from pg_locks where pid = %s and not granted"


def put_as_viewer(database: Database, who: Principal, whom: Principal) -> object:
    return MembersTable(database).put(
        user_id=who.user_id, organization="demo", member_id=whom.user_id, roles=["viewer"]
    )


def remove(database: Database, who: Principal, whom: Principal) -> object:
    return MembersTable(database).remove(user_id=who.user_id, organization="demo", member_id=whom.user_id)


@pytest.mark.parametrize("act", [put_as_viewer, remove])
def test_of_two_admins_who_remove_each_other_one_stays(
    engine: EngineFixture, connect: Callable[[str], Database], act: Callable[..., object]
) -> None:
    databases = connect("api"), connect("api")
    for _ in range(ROUNDS):
        engine.owner.execute("delete from organization_members where 'admin' = any (roles)")
        pair = engine.member(Role.ADMIN), engine.member(Role.ADMIN)
        calls = (partial(act, *call) for call in zip(databases, pair, pair[::-1], strict=True))
        answers = at_once(*calls)
        assert errors_of(answers) == []
        assert None in answers  # the second call: its caller is not an admin any more
        admins = engine.all("select user_id from organization_members where 'admin' = any (roles)")
        assert len(admins) == 1


def test_an_agent_that_many_calls_put_at_once_is_added_by_one(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    admin, demo = engine.member(Role.ADMIN).user_id, organization(engine)
    submitted = SubmittedAgent(
        "writer", "Writer", "", AgentKind.AGENT, {"type": "http", "url": "https://a.test"}, [], "slug"
    )
    libraries = [LibraryTable(connect("api")) for _ in range(8)]
    answers = at_once(*(partial(library.put_agent, admin, demo, submitted) for library in libraries))
    assert errors_of(answers) == []
    assert [added for added, _ in answers].count(True) == 1


class FirstCall:
    """A call that has not committed yet, and repeated calls of it."""

    def __init__(self, connection: psycopg.Connection[Any], engine: EngineFixture, threads: ThreadPoolExecutor) -> None:
        self.connection = connection
        self._engine = engine
        self._threads = threads
        admin = engine.member(Role.ADMIN).user_id
        self._params = {"boundary_id": uuid.uuid4(), "user_id": admin, "member_id": uuid.uuid4()}
        self.answer = self._ask(connection)

    def repeated_on(self, connection: psycopg.Connection[Any]) -> Future[Any]:
        """The answer of a repeated call, which already waits."""
        pid = connection.info.backend_pid
        answer = self._threads.submit(self._ask, connection)
        wait_until(lambda: answer.done() or self._engine.all(WAITS, pid))
        assert not answer.done()
        return answer

    def _ask(self, connection: psycopg.Connection[Any]) -> Any:
        with connection.cursor() as cursor:
            (row,) = cursor.execute(PUT, self._params).fetchall()
        return row[0]


@pytest.fixture
def connections(login_url: Callable[[str], str]) -> Iterator[list[psycopg.Connection[Any]]]:
    """Two connections of the API's login; the second one commits each statement."""
    with psycopg.connect(login_url("api")) as first, psycopg.connect(login_url("api"), autocommit=True) as second:
        yield [first, second]


@pytest.fixture
def first_call(engine: EngineFixture, connections: list[psycopg.Connection[Any]]) -> Iterator[FirstCall]:
    with ThreadPoolExecutor(1) as threads:
        yield FirstCall(connections[0], engine, threads)
        connections[0].rollback()  # after a failed test: the other connection must not wait


def test_a_repeated_call_waits_for_the_first_and_gets_its_answer(
    first_call: FirstCall, connections: list[psycopg.Connection[Any]]
) -> None:
    repeated = first_call.repeated_on(connections[1])
    first_call.connection.commit()
    assert repeated.result(PATIENCE) == first_call.answer
    assert first_call.answer["added"] is True


def test_if_the_first_call_is_rolled_back_the_repeated_call_does_the_work(
    engine: EngineFixture, first_call: FirstCall, connections: list[psycopg.Connection[Any]]
) -> None:
    repeated = first_call.repeated_on(connections[1])
    first_call.connection.rollback()
    assert repeated.result(PATIENCE)["added"] is True
    assert engine.all("select from organization_members where user_id = %s", first_call.answer["member"]["userId"])
