"""The tests of tenancy are sensitive: they fail for a login without its rights, and for a statement without a check of
the caller. In the place of a login, the owner has only the login's rights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from local.database import Database
from tests.integration.conftest import Server
from tests.integration.tenancy.cases import Case, Question
from tests.integration.tenancy.conftest import Connection, acting_as, contents
from tests.integration.tenancy.functions import ENGINE, OF_A_CALLER, OF_THE_ENGINE, Function
from tests.integration.tenancy.tenancy_fixture import TenancyFixture, tenancy, two_organizations
from tests.integration.tenancy.test_statements import (
    QUESTIONS,
    check_answered,
    check_hidden_from_another_organisation,
    check_refused_to_a_stranger,
)

__all__ = ["tenancy"]

NO_RIGHTS = """
do $$
declare login text;
begin
  for login in select rolname from pg_roles where rolname ~ '^baton_' and rolname <> 'baton_owner' loop
    execute format('revoke all on all tables in schema public, baton from %I', login);
    execute format('revoke execute on all functions in schema public, baton from %I', login);
  end loop;
end $$
"""

# The check of the caller's membership in a question, and the same question without it: every organisation of the tests
# has one person.
MEMBERSHIP = re.compile(r"\b[lm]\.user_id = (%\(user_id\)s|\$\d+|p_user_id)(::uuid)?")
FORGOTTEN = "m.kind = 'person'"
# For the functions that call these.
LOOK_MEMBERS_UP = ("baton.is_admin", "baton.is_launcher", "baton.is_operator", "baton.may_redrive", "baton.run_of_key",
                   "baton.webhook_of", "baton.launch_context", "baton.earlier_run")  # fmt: skip

CHECKS = {
    "a member": lambda tenancy, name, prepare: check_answered(tenancy, name, tenancy.theirs.member, prepare),
    "a member of another organisation": lambda tenancy, name, prepare: check_hidden_from_another_organisation(
        tenancy, name, tenancy.ours.member, prepare
    ),
    "a user without memberships": lambda tenancy, name, prepare: check_refused_to_a_stranger(tenancy, name, prepare),
}


@pytest.fixture(scope="module")
def without_rights(database_server: Server, template_database: Database) -> Iterator[TenancyFixture]:
    """A database in which the logins have no rights."""
    with two_organizations(database_server, template_database) as fixture:
        fixture.owner.execute(NO_RIGHTS)
        yield fixture


@pytest.mark.parametrize("who", CHECKS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_login_without_its_rights_fails_every_check(without_rights: TenancyFixture, name: str, who: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        CHECKS[who](without_rights, name, "")


@pytest.mark.parametrize("name", OF_THE_ENGINE)
def test_a_login_of_the_engine_without_its_rights_fails_every_check(without_rights: TenancyFixture, name: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        without_rights.run(OF_THE_ENGINE[name].question(), without_rights.ours, without_rights.ours.member)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_statement_without_a_check_of_the_caller_is_found(
    tenancy: TenancyFixture, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless, prepare = forgetting_who_asks(tenancy.owner, name)
    monkeypatch.setitem(QUESTIONS, name, careless)
    check_answered(tenancy, name, tenancy.theirs.member, prepare)
    with pytest.raises(AssertionError):
        check_refused_to_a_stranger(tenancy, name, prepare)


def forgetting_who_asks(owner: Connection, name: str) -> tuple[Question, str]:
    """The question without a check of the caller's membership, with statements that remove it from functions."""
    question = QUESTIONS[name]
    text = definition_of(owner, name) if name in OF_A_CALLER else question.text
    called = [definition_of(owner, function) for function in LOOK_MEMBERS_UP if f"{function}(" in text]
    (without, found), *forgotten = [MEMBERSHIP.subn(FORGOTTEN, asking) for asking in (text, *called)]
    assert found or any(found for _, found in forgotten)
    functions = ";\n".join(definition for definition, _ in forgotten)
    if name in OF_A_CALLER:
        return question, f"{without};\n{functions}"
    return Question(without, question.login, question.writes, question.case), functions


def definition_of(owner: Connection, function: str) -> str:
    (row,) = owner.execute("select pg_get_functiondef(%s::regproc) as text", (function,)).fetchall()
    return str(row["text"])


@pytest.mark.parametrize(
    ("login", "change"),
    [
        ("api", "insert into baton.outbox (run_id, kind, payload) values (%(run_id)s, 'stop', '{}')"),
        (
            "checkpoint",
            "insert into baton.checkpoint_tokens (approval_id, token, execution) values (%(approval_id)s, 't', 'e')",
        ),
        ("step", "update public.orchestration_runs set options = '{\"touched\": true}' where id = %(run_id)s"),
    ],
)
def test_a_change_that_the_login_cannot_see_is_found(tenancy: TenancyFixture, login: str, change: str) -> None:
    """A login makes every change through a function."""
    body = change % {name: f"'{value}'" for name, value in vars(tenancy.theirs).items()}
    prepare = f"""
    create function baton.careless() returns void language sql security definer set search_path = '' as $${body}$$;
    grant execute on function baton.careless to baton_{login}
    """
    question = Question("select baton.careless()", login, writes=True)
    _, changed = tenancy.run(question, tenancy.theirs, tenancy.ours.member, prepare)
    assert changed


def test_a_look_that_cannot_see_every_row_is_an_error(tenancy: TenancyFixture) -> None:
    with tenancy.owner.transaction(force_rollback=True):
        tenancy.owner.execute("grant select on all tables in schema public, baton, company to baton_api")
        tenancy.owner.execute("grant usage on schema company to baton_api")
        hidden = pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security")
        with hidden, acting_as(tenancy.owner, "api"):
            contents(tenancy.owner)


# --- a record that logins reach by functions alone --------------------------------------------------------------------


def by_functions(membership: str) -> str:
    """The owner of the record owns the function, too; the logins have EXECUTE and nothing else."""
    return f"""
create function baton.touch_run(p_run uuid, p_user uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.orchestration_runs r join public.organization_members m on m.organization_id = r.organization_id
    where r.id = p_run and {membership} and (m.expires_at is null or m.expires_at > now());
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  update public.orchestration_runs set options = jsonb_build_object('touched', true) where id = p_run;
  return jsonb_build_object('outcome', 'taken');
end $$;
alter function baton.touch_run owner to baton_owner;
grant execute on function baton.touch_run to baton_api
"""


TOUCH = Function(
    ("api",),
    "select baton.touch_run(%(run_id)s, %(user_id)s) as answer",
    Case(refusal=({"answer": {"outcome": "not_found"}},)),
    writes=True,
)


@pytest.fixture
def touch(monkeypatch: pytest.MonkeyPatch) -> str:
    """A question to a function that the owner of the record owns."""
    monkeypatch.setitem(QUESTIONS, "baton.touch_run", TOUCH.question())
    return "baton.touch_run"


@pytest.mark.parametrize("who", CHECKS)
def test_the_checks_hold_where_logins_have_only_functions(without_rights: TenancyFixture, touch: str, who: str) -> None:
    CHECKS[who](without_rights, touch, by_functions("m.user_id = p_user"))


def test_the_checks_find_a_function_without_a_check_of_the_caller(without_rights: TenancyFixture, touch: str) -> None:
    for who in ("a member of another organisation", "a user without memberships"):
        with pytest.raises(AssertionError):
            CHECKS[who](without_rights, touch, by_functions("true"))


def test_the_checks_find_a_login_that_may_not_execute_a_function(without_rights: TenancyFixture) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        without_rights.run(
            TOUCH.question("step"), without_rights.theirs, without_rights.theirs.member, by_functions("true")
        )


# --- the owner in a login's place -------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [*ENGINE, "mcp"])
def test_in_its_place_the_owner_sees_what_the_login_sees(tenancy: TenancyFixture, login: str) -> None:
    questions = readable(tenancy.owner, login)
    with psycopg.connect(tenancy.logins[login], row_factory=dict_row) as connection:
        of_its_own = {table: rows_or_refusal(connection, question) for table, question in questions.items()}
    with tenancy.owner.transaction(force_rollback=True), acting_as(tenancy.owner, login):
        assert {table: rows_or_refusal(tenancy.owner, question) for table, question in questions.items()} == of_its_own
    reads = any(isinstance(rows, tuple) and rows for rows in of_its_own.values())
    assert reads == (login in ("api", "stream"))
    assert "InsufficientPrivilege" in of_its_own.values()


@pytest.mark.parametrize("login", ["api", "stream"])
def test_a_policy_hides_the_same_rows_from_the_owner_in_the_place_of_a_login(
    tenancy: TenancyFixture, login: str
) -> None:
    """An expired membership, which the owner itself sees."""
    members = sql.SQL("select * from public.organization_members")
    with tenancy.owner.transaction(force_rollback=True):
        everything = rows_or_refusal(tenancy.owner, members)
        with acting_as(tenancy.owner, login):
            visible = rows_or_refusal(tenancy.owner, members)
    assert len(everything) == len(visible) + 1


def test_the_owner_has_its_own_rights_again_after_a_question(tenancy: TenancyFixture) -> None:
    with tenancy.owner.transaction(force_rollback=True):
        with acting_as(tenancy.owner, "api"):
            assert role(tenancy.owner) == "baton_api"
        assert not role(tenancy.owner).startswith("baton_")
    with tenancy.owner.transaction(force_rollback=True), pytest.raises(psycopg.errors.InsufficientPrivilege):
        tenancy.owner.execute("set local role baton_api")  # the role's membership ended with its transaction


def test_no_function_and_no_policy_depends_on_session_user(owner: Connection) -> None:
    """``set role`` does not change ``session_user``. Policies and functions must use ``current_user`` and its
    memberships."""
    found = owner.execute(
        "select p.polrelid::regclass || ': ' || p.polname as place from pg_policy p"
        " where concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~* %(words)s"
        " union all select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('public', 'baton', 'company') and p.prosrc ~* %(words)s",
        {"words": r"session_user|system_user|session_authorization|current_setting\('role"},
    ).fetchall()
    assert found == []


def role(connection: Connection) -> str:
    (row,) = connection.execute("select current_user::text as name").fetchall()
    return str(row["name"])


def readable(owner: Connection, login: str) -> dict[str, sql.Composed]:
    """A question for each table: the columns that the login may read, or all columns if it may read none."""
    rows = owner.execute(
        "select n.nspname as schema, c.relname as name, array_agg(a.attname::text order by a.attnum)"
        " filter (where has_column_privilege(%s, a.attrelid, a.attnum, 'select')) as columns"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where n.nspname in ('public', 'baton', 'company') and c.relkind in ('r', 'p') group by 1, 2",
        (f"baton_{login}",),
    ).fetchall()
    return {
        row["name"]: sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(map(sql.Identifier, row["columns"])) if row["columns"] else sql.SQL("*"),
            sql.Identifier(row["schema"], row["name"]),
        )
        for row in rows
    }


def rows_or_refusal(
    connection: psycopg.Connection[Mapping[str, Any]], question: sql.SQL | sql.Composed
) -> tuple[str, ...] | str:
    """The rows, or the refusal."""
    try:
        with connection.transaction():
            return tuple(sorted(map(str, connection.execute(question).fetchall())))
    except psycopg.errors.InsufficientPrivilege as error:
        return type(error).__name__
