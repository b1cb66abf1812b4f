"""Every executable function is in the registry, is refused to every other login, and leaves other organisations alone.
``test_statements.py`` also tests the functions that get a caller."""

from __future__ import annotations

import psycopg
import pytest

from tests.integration.tenancy.conftest import Connection
from tests.integration.tenancy.functions import (
    ENGINE,
    FUNCTIONS,
    OF_THE_ENGINE,
    Function,
    FunctionWithoutCase,
    unregistered,
)
from tests.integration.tenancy.tenancy_fixture import TenancyFixture, tenancy

__all__ = ["tenancy"]

CALLED = {name: function for name, function in FUNCTIONS.items() if isinstance(function, Function)}
REFUSED = [
    (name, login)
    for name, function in CALLED.items()
    for login in (*ENGINE, "mcp")
    if login not in function.executed_by
]
CARELESS = "create function baton.careless(run_id uuid) returns void language sql as ''; "


def test_every_executable_function_has_its_case(owner: Connection) -> None:
    assert unregistered(owner) == []


@pytest.mark.parametrize(
    ("migration", "named"),
    [
        (
            f"{CARELESS} grant execute on function baton.careless to baton_api",
            "baton.careless(uuid) is executed by api and has no case",
        ),
        (
            f"{CARELESS} grant execute on function baton.careless to baton_engine",
            f"baton.careless(uuid) is executed by {', '.join(sorted(ENGINE))} and has no case",
        ),
        (
            "create function public.careless() returns int language sql as 'select 1'; "
            "grant execute on function public.careless to authenticated",
            "careless() is executed by authenticated and has no case",
        ),
        (
            "create procedure baton.careless() language sql as ''; "
            "grant execute on procedure baton.careless to baton_gate",
            "baton.careless() is executed by gate and has no case",
        ),
        (
            "grant execute on function baton.check_service_token to baton_gate",
            "baton.check_service_token(uuid,text) is executed by api, gate, stream",
        ),
        (
            "revoke execute on function baton.check_service_token from baton_stream",
            "baton.check_service_token(uuid,text) is executed by api",
        ),
        (
            "create function baton.check_service_token(text) returns boolean language sql as 'select true'; "
            "grant execute on function baton.check_service_token(text) to baton_api, baton_stream",
            "baton.check_service_token has more than one signature",
        ),
        (
            "revoke execute on function baton.check_service_token from baton_api, baton_stream",
            "baton.check_service_token is executed by nobody",
        ),
    ],
)
def test_a_function_outside_the_registry_is_named(owner: Connection, migration: str, named: str) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(migration.encode())
        assert unregistered(owner) == [named]


def test_a_function_without_grants_needs_no_entry(owner: Connection) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(CARELESS.encode())
        assert unregistered(owner) == []


def test_an_entry_without_a_case_says_why() -> None:
    assert all(len(entry.because) > 20 for entry in FUNCTIONS.values() if isinstance(entry, FunctionWithoutCase))


@pytest.mark.parametrize(("name", "login"), REFUSED)
def test_no_other_login_may_execute_it(tenancy: TenancyFixture, name: str, login: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tenancy.run(CALLED[name].question(login), tenancy.theirs, tenancy.theirs.member)


@pytest.mark.parametrize("name", OF_THE_ENGINE)
def test_a_call_of_the_engine_on_one_organisations_run_leaves_all_others_alone(
    tenancy: TenancyFixture, name: str
) -> None:
    question_of = OF_THE_ENGINE[name].question()
    before, rows, after = tenancy.observe(question_of, tenancy.ours, tenancy.ours.member)
    assert (before != after) == question_of.writes
    assert question_of.writes or not question_of.is_refusal(rows)
    assert not tenancy.theirs.is_mentioned_in(rows)
    assert tenancy.of_theirs(before) == tenancy.of_theirs(after)
