"""Nothing waits for ever for Postgres, and a login that is refused is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from baton.connection import WAITS, Login, Waits, connect
from baton.errors import StoreUnavailable
from baton.store.database import Database
from cli.logins import LOGINS
from kpi_mcp import database as kpi
from kpi_mcp.database import DatabaseUnavailable, KpiDatabase
from tests.integration.trips.blackholing_proxy import BlackholingProxy

SHORT = Waits(connect=2, answer=0.4, call=3.0)
SEVEN = ("select 7 as n", {})


@pytest.fixture
def proxy(database_url: str) -> Iterator[BlackholingProxy]:
    with closing(BlackholingProxy(database_url)) as proxy:
        yield proxy


@pytest.fixture
def record(proxy: BlackholingProxy, login_url: Callable[[str], str]) -> Iterator[Database]:
    with closing(Database(proxy.url(login_url("api")), SHORT)) as database:
        database.fetch_one(*SEVEN)
        yield database


@pytest.fixture
def kpis(proxy: BlackholingProxy, login_url: Callable[[str], str]) -> Iterator[KpiDatabase]:
    with closing(KpiDatabase(proxy.url(login_url("mcp")), waits=SHORT)) as database:
        database.query("demo", "select 7")
        yield database


@pytest.mark.parametrize("ask", [lambda d: d.fetch_all(*SEVEN), lambda d: d.pipeline([SEVEN, SEVEN])[1]])
def test_a_connection_that_died_without_a_word_is_replaced(
    proxy: BlackholingProxy, record: Database, ask: Callable[[Database], Any]
) -> None:
    proxy.drop_on_open_connections()
    assert ask(record) == [{"n": 7}]
    assert proxy.take().connections == 2


def test_a_database_that_answers_no_more_is_given_up(proxy: BlackholingProxy, record: Database) -> None:
    proxy.drop_on_all_connections()
    with pytest.raises(StoreUnavailable):
        record.fetch_one(*SEVEN)


def test_a_lost_answer_to_an_unawaited_statement_does_not_delay_the_next_one(
    proxy: BlackholingProxy, record: Database
) -> None:
    proxy.drop_on_open_connections()
    record.send("select 3 as n", {})
    assert record.fetch_one(*SEVEN) == {"n": 7}


def test_a_late_answer_is_not_taken_for_the_answer_to_the_next_statement(
    proxy: BlackholingProxy, record: Database
) -> None:
    """The server works, but slowly."""
    with pytest.raises(StoreUnavailable):
        record.fetch_one("select 3 as n from pg_sleep(20)", {})
    assert record.fetch_one(*SEVEN) == {"n": 7}


def test_the_kpi_functions_connection_is_replaced_and_its_database_given_up_too(
    proxy: BlackholingProxy, kpis: KpiDatabase
) -> None:
    proxy.drop_on_open_connections()
    assert kpis.query("demo", "select 7 as n").json == '[{"n":7}]'
    proxy.drop_on_all_connections()
    with pytest.raises(DatabaseUnavailable):
        kpis.query("demo", "select 7 as n")


@pytest.mark.parametrize("login", LOGINS)
def test_the_limits_of_the_server_are_shorter_than_those_of_the_client(
    login: str, login_url: Callable[[str], str]
) -> None:
    """So the client's repeat finds the locks of the first try free."""
    answer = (kpi.WAITS if login == "mcp" else WAITS).answer
    with psycopg.connect(login_url(login)) as connection:
        found = connection.execute(
            "select name, setting::float8 / 1000 from pg_settings where name in ('statement_timeout', 'lock_timeout')"
        ).fetchall()
    limits = dict(found)
    assert 0 < limits["lock_timeout"] < limits["statement_timeout"] < answer


def wrong(url: str) -> str:
    user, _, rest = url.rpartition("@")
    return f"{user}-no-more@{rest}"


def test_a_login_that_is_refused_is_read_again(login_url: Callable[[str], str]) -> None:
    url = login_url("api")
    login = Login(wrong(url), lambda: iter([url]))
    with connect(login) as connection:
        assert connection.execute("select current_user as who").fetchone() == {"who": "baton_api"}
    assert login.url == url


def test_a_login_works_while_the_secret_has_a_password_that_the_database_lacks(login_url: Callable[[str], str]) -> None:
    url = login_url("api")
    new, before = wrong(url), url
    with connect(Login(new, lambda: iter([new, before]))) as connection:
        assert connection.execute("select current_user as who").fetchone() == {"who": "baton_api"}


def test_a_login_that_is_refused_again_is_read_no_third_time(login_url: Callable[[str], str]) -> None:
    reads: list[str] = []

    def read_again() -> Iterator[str]:
        reads.append("read")
        yield wrong(wrong(login_url("api")))

    with closing(Database(Login(wrong(login_url("api")), read_again))) as database, pytest.raises(StoreUnavailable):
        database.fetch_one(*SEVEN)
    assert reads == ["read"]


def test_what_is_beyond_the_limits_of_postgres_is_no_outage(login_url: Callable[[str], str]) -> None:
    """A wait would not help, and the connection still works."""
    with closing(Database(login_url("step"))) as record:
        with pytest.raises(psycopg.errors.TooManyColumns):
            record.fetch_one("select " + ", ".join(["1"] * 2_000), {})
        assert record.fetch_one("select 1 as one", {}) == {"one": 1}
