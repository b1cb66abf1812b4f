"""Supabase's REST server shows members the rows of their organisations, and all others nothing. No client writes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.integration.tenancy.conftest import TABLES, Connection, client, contents
from tests.integration.tenancy.organization import OrganizationFixture, insert_organization

PUBLIC = (
    "agents deliverables human_approvals orchestration_definitions orchestration_events orchestration_runs "
    "orchestration_step_attempts orchestration_steps organization_members organizations"
).split()
# The organisation of a row of schema company.
COMPANY = {
    "companies": "organization_id",
    "kpi_metrics": "organization_id",
    "departments": "(select organization_id from company.companies c where c.id = t.company_id)",
    "kpi_goals": "(select organization_id from company.companies c where c.id = t.company_id)",
    "kpi_data": "(select organization_id from company.kpi_metrics m where m.id = t.metric_id)",
}
READABLE = {
    **{f"public.{table}": "id" if table == "organizations" else "organization_id" for table in PUBLIC},
    **{f"company.{table}": whose for table, whose in COMPANY.items()},
}
WRITES = {
    "insert": "insert into {} default values",
    "update": "update {} set {} = {}",
    "delete": "delete from {}",
    "truncate": "truncate {} cascade",
}


def claims_of(user_id: str) -> dict[str, Any]:
    return {"sub": user_id, "role": "authenticated", "aud": "authenticated"}


def visible(connection: Connection, table: str, where: str = "true") -> list[str]:
    statement = f"select t::text as row from {table} t where {where}"
    return sorted(row["row"] for row in connection.execute(statement.encode()))


def test_every_table_is_asked_for(owner: Connection, ours: OrganizationFixture) -> None:
    tables = {row["name"] for row in owner.execute(TABLES)}
    assert {table for table in tables if not table.startswith("baton.")} == READABLE.keys()
    rows = contents(owner)
    assert [table for table in tables if not any(ours.is_mentioned_in(row) for row in rows[table])] == []


@pytest.mark.parametrize("table", READABLE)
def test_a_member_reads_their_organisations_rows(
    owner: Connection, ours: OrganizationFixture, theirs: OrganizationFixture, table: str
) -> None:
    expected = visible(owner, table, f"{READABLE[table]} = '{ours.organization_id}'")
    assert expected
    with client(owner, "authenticated", claims_of(ours.member)) as request:
        assert visible(request, table) == expected


def test_a_member_of_two_organisations_reads_both(
    owner: Connection, ours: OrganizationFixture, theirs: OrganizationFixture
) -> None:
    owner.execute(
        "insert into organization_members values (%s, %s, array['viewer'])", (theirs.organization_id, ours.member)
    )
    with client(owner, "authenticated", claims_of(ours.member)) as request:
        assert len(visible(request, "public.organizations")) == 2
        assert len(visible(request, "public.orchestration_runs")) == 2


def test_a_removed_member_reads_nothing(owner: Connection, ours: OrganizationFixture) -> None:
    owner.execute("delete from organization_members where user_id = %s", (ours.member,))
    with client(owner, "authenticated", claims_of(ours.member)) as request:
        assert [table for table in READABLE if visible(request, table)] == []


@pytest.mark.parametrize(
    "claims",
    [
        claims_of(str(uuid.uuid4())),
        {**claims_of(str(uuid.uuid4())), "is_anonymous": True},
        {"role": "authenticated"},
        {},
        None,
    ],
    ids=["a member of nothing", "an anonymous user", "no subject", "no claims", "no token"],
)
def test_a_user_without_a_membership_reads_nothing(
    owner: Connection, ours: OrganizationFixture, claims: dict[str, Any] | None
) -> None:
    with client(owner, "authenticated", claims) as request:
        assert [table for table in READABLE if visible(request, table)] == []


def test_an_anonymous_user_reads_nothing_even_as_a_member(owner: Connection, ours: OrganizationFixture) -> None:
    with client(owner, "authenticated", claims_of(ours.member) | {"is_anonymous": True}) as request:
        assert [table for table in READABLE if visible(request, table)] == []


def test_the_id_of_a_service_token_is_no_users_id(owner: Connection, ours: OrganizationFixture) -> None:
    with client(owner, "authenticated", claims_of(ours.token_id)) as request:
        assert [table for table in READABLE if visible(request, table)] == []


@pytest.mark.parametrize(
    "claim",
    [
        {"user_metadata": {"organization": "theirs"}},
        {"app_metadata": {"organization": "theirs", "roles": ["admin"]}},
        {"organization": "theirs"},
    ],
    ids=lambda claim: next(iter(claim)),
)
def test_other_claims_of_a_token_give_no_rights(
    owner: Connection, ours: OrganizationFixture, theirs: OrganizationFixture, claim: dict[str, Any]
) -> None:
    with client(owner, "authenticated", claims_of(ours.member) | claim) as request:
        assert len(visible(request, "public.organizations")) == 1


@pytest.mark.parametrize("table", READABLE)
def test_anonymous_clients_read_nothing(owner: Connection, ours: OrganizationFixture, table: str) -> None:
    with (
        client(owner, "anon", {"role": "anon", "sub": ours.member}) as request,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        visible(request, table)


def test_clients_cannot_use_the_engines_schema(owner: Connection, ours: OrganizationFixture) -> None:
    tables = [row["name"] for row in owner.execute(TABLES) if row["name"].startswith("baton.")]
    for statement in [f"select from {table}" for table in tables] + ["select baton.organizations_of_caller()"]:
        with (
            client(owner, "authenticated", claims_of(ours.member)) as request,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema baton"),
        ):
            request.execute(statement.encode())


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", READABLE)
def test_no_client_writes(owner: Connection, ours: OrganizationFixture, role: str, table: str) -> None:
    column = owner.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attgenerated = '' limit 1",
        (table,),
    ).fetchone()
    assert column is not None
    for statement in WRITES.values():
        with (
            client(owner, role, claims_of(ours.member)) as request,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            request.execute(statement.format(table, column["attname"], column["attname"]).encode())


def test_the_mcp_function_reads_the_numbers_of_one_organisation(
    database_url: str, login_url: Callable[[str], str]
) -> None:
    with psycopg.connect(database_url, row_factory=dict_row) as owner:
        organizations = insert_organization(owner, "ours"), insert_organization(owner, "theirs")
    with psycopg.connect(login_url("mcp")) as mcp:
        for organization in organizations:
            mcp.execute("select set_config('baton.organization', %s, true)", (organization.slug,))
            for table in COMPANY:
                rows = mcp.execute(f"select t::text from company.{table} t".encode()).fetchall()
                assert rows
                assert all(organization.is_mentioned_in(row) for row in rows), table


def test_a_new_organisation_sees_nothing_of_others(owner: Connection, ours: OrganizationFixture) -> None:
    newcomer = insert_organization(owner, "newcomer")
    with client(owner, "authenticated", claims_of(newcomer.member)) as request:
        for table in READABLE:
            assert not any(ours.is_mentioned_in(row) for row in visible(request, table)), table
