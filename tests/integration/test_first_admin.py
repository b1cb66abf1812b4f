"""``baton first-admin``, against a real Postgres."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg
import pytest

from cli.database_urls import url_of
from tests.integration.command import CommandFixture
from tests.integration.conftest import Server, name_of
from tests.integration.waiting import wait_until

ANNA, BEN = "4a0dd82c-7c4e-4b43-a2c5-6f6f5a6f0a01", "4a0dd82c-7c4e-4b43-a2c5-6f6f5a6f0a02"
MEMBERS = """
select m.user_id::text, m.roles from organization_members m join organizations o on o.id = m.organization_id
where o.slug = 'acme'
"""


class FirstAdminFixture(CommandFixture):
    def __init__(self, owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(["first-admin", "--org", "acme", "--admin"], owner_url, capsys)

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(sql.encode(), params).fetchall()

    def members(self) -> dict[str, list[str]]:
        return dict(self.rows(MEMBERS))


@pytest.fixture
def bootstrap(database_url: str, capsys: pytest.CaptureFixture[str]) -> FirstAdminFixture:
    return FirstAdminFixture(database_url, capsys)


@pytest.fixture
def users(bootstrap: FirstAdminFixture, database_server: Server) -> None:
    """The columns of Supabase Auth's users that we read. As on Supabase, the table does not belong to our owner."""
    url = url_of(database_server.superuser_url or bootstrap.owner_url, name_of(bootstrap.owner_url))
    with psycopg.connect(url) as connection:
        pid = connection.info.backend_pid
        connection.execute("create table auth.users (id uuid primary key, email text)")
        connection.execute("insert into auth.users values (%s, 'Anna@acme.example')", (ANNA,))
        connection.execute("grant select on auth.users to public")
    # The owner drops the database after the test, but may not end a superuser's session that is still open.
    wait_until(lambda: not bootstrap.rows("select from pg_stat_activity where pid = %s", pid))


def test_the_first_admin_has_every_role(bootstrap: FirstAdminFixture) -> None:
    code, output, _ = bootstrap(ANNA, "--name", "Acme Ltd.")
    assert (code, "now an admin of acme" in output) == (0, True)
    assert bootstrap.members() == {ANNA: ["viewer", "operator", "approver", "admin"]}
    assert bootstrap.rows("select name from organizations where slug = 'acme'") == [("Acme Ltd.",)]


def test_a_second_call_changes_nothing(bootstrap: FirstAdminFixture) -> None:
    bootstrap(ANNA)
    code, output, _ = bootstrap(ANNA, "--json")
    assert (code, json.loads(output)) == (0, {"organization": "acme", "userId": ANNA, "created": False})
    assert bootstrap.members().keys() == {ANNA}


def test_an_organisation_with_an_admin_gets_no_second_one(bootstrap: FirstAdminFixture) -> None:
    bootstrap(ANNA)
    code, _, error = bootstrap(BEN)
    assert (code, f"has an admin already, {ANNA}" in error) == (1, True)
    assert bootstrap.members().keys() == {ANNA}


def test_of_two_simultaneous_calls_one_is_refused(bootstrap: FirstAdminFixture) -> None:
    codes: list[int] = []
    both = [threading.Thread(target=lambda who=who: codes.append(bootstrap(who)[0])) for who in (ANNA, BEN)]  # type: ignore[misc]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(codes) == [0, 1]
    assert len(bootstrap.members()) == 1


def test_a_member_becomes_admin_if_there_is_none(bootstrap: FirstAdminFixture) -> None:
    bootstrap.rows("with o as (insert into organizations (slug, name) values ('acme', 'Acme') returning id)"
                   " insert into organization_members select id, %s, '{viewer}' from o returning 1", ANNA)  # fmt: skip
    assert bootstrap(ANNA)[0] == 0
    assert "admin" in bootstrap.members()[ANNA]


@pytest.mark.parametrize("named", [ANNA, ANNA.upper(), "anna@ACME.example"])
def test_a_user_is_found_by_id_and_by_email(bootstrap: FirstAdminFixture, users: None, named: str) -> None:
    assert bootstrap(named)[0] == 0
    assert bootstrap.members().keys() == {ANNA}


@pytest.mark.parametrize("named", [BEN, "ben@acme.example"])
def test_an_unknown_user_is_refused(bootstrap: FirstAdminFixture, users: None, named: str) -> None:
    code, _, error = bootstrap(named)
    assert (code, "has no user" in error) == (1, True)
    assert bootstrap.rows("select from organizations where slug = 'acme'") == []


@pytest.mark.parametrize(
    ("words", "environment", "code", "message"),
    [
        (["anna"], None, 1, "must be a user's id"),
        ([ANNA, "--org", "Bad Org!"], None, 1, "'Bad Org!' cannot be an organisation"),
        ([ANNA], {}, 1, "set OWNER_URL"),
        ([ANNA], {"OWNER_URL": "nonsense"}, 1, "OWNER_URL must be a URL such as"),
        ([ANNA], {"OWNER_URL": "postgresql://x@127.0.0.1:1/none?connect_timeout=2"}, 3, "does not answer"),
    ],
)
def test_wrong_arguments_are_reported(
    bootstrap: FirstAdminFixture, words: list[str], environment: Any, code: int, message: str
) -> None:
    exit_code, _, error = bootstrap(*words, environment=environment)
    assert (exit_code, message in error) == (code, True), error
    assert bootstrap.rows("select from organizations where slug = 'acme'") == []


def test_a_database_without_migrations_is_refused(empty_database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = FirstAdminFixture(empty_database_url, capsys)(ANNA)
    assert (code, "Run the migrations first" in error) == (1, True)
