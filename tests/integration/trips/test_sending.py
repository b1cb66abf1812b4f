"""Statements that are sent without waiting, and later statements on the same connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from baton.store.database import Database
from tests.integration.waiting import wait_until

MARK = "insert into marks values (%(n)s)"
SEVEN = ("select 7 as n", {})


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table marks (n int primary key)")
        connection.execute("grant select, insert on marks to baton_api")
        yield connection


@pytest.fixture
def database(owner: object, login_url: Callable[[str], str]) -> Iterator[Database]:
    with closing(Database(login_url("api"))) as database:
        yield database


def marks(owner: psycopg.Connection[Any]) -> list[int]:
    return [n for (n,) in owner.execute("select n from marks order by n")]


def test_a_sent_statement_runs_without_a_further_call(database: Database, owner: psycopg.Connection[Any]) -> None:
    database.send(MARK, {"n": 1})
    wait_until(lambda: marks(owner))
    assert marks(owner) == [1]


def test_a_sent_statement_runs_even_if_the_connection_is_closed_immediately(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    database.send(MARK, {"n": 1})
    database.close()
    wait_until(lambda: marks(owner) == [1])
    assert database.fetch_one(*SEVEN) == {"n": 7}


@pytest.mark.parametrize("then", [lambda d: d.fetch_all(*SEVEN), lambda d: d.pipeline([SEVEN, SEVEN])[1]])
def test_the_result_or_error_of_a_sent_statement_is_not_returned_by_the_next_call(
    database: Database, then: Callable[[Database], object]
) -> None:
    database.send("select 3 as n", {})
    assert then(database) == [{"n": 7}]
    database.send("select 1 / %(n)s", {"n": 0})
    assert then(database) == [{"n": 7}]


def test_a_sent_statement_is_its_own_transaction(database: Database, owner: psycopg.Connection[Any]) -> None:
    database.send(MARK, {"n": 1})
    with pytest.raises(psycopg.errors.DivisionByZero):
        database.pipeline([(MARK, {"n": 2}), ("select 1 / %(n)s", {"n": 0})])
    database.send(MARK, {"n": 3})
    database.send(MARK, {"n": 3})  # refused: there is one already
    assert database.fetch_one(*SEVEN) == {"n": 7}
    assert marks(owner) == [1, 3]


def test_a_connection_that_is_lost_with_an_unread_answer_is_opened_again(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    terminate = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'baton_api'"
    for lose_it_first in (False, True):
        database.fetch_one(*SEVEN)
        if lose_it_first:
            owner.execute(terminate)
        database.send("select 3 as n", {})
        if not lose_it_first:
            owner.execute(terminate)
        assert database.fetch_one(*SEVEN) == {"n": 7}


def test_threads_that_share_a_connection_get_their_own_answers(database: Database) -> None:
    line = threading.Barrier(4)

    def ask(number: int) -> list[Any]:
        line.wait()
        answers = []
        for _ in range(25):
            database.send("select %(n)s as n", {"n": -1})
            answers.append(database.fetch_one("select %(n)s as n", {"n": number}))
        return answers

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [[{"n": number}] * 25 for number in range(4)]
