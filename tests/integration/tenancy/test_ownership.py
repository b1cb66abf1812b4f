"""If another role owns schema public, the migrating role owns the record, and all other rules hold."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from cli.checkout import ROOT
from cli.database_urls import url_of
from local.database import Database, add_supabase
from local.migrations import migrate
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.tenancy.catalogue import RULES, question
from tests.integration.tenancy.conftest import Connection
from tests.integration.tenancy.functions import OF_A_CALLER
from tests.integration.tenancy.organization import insert_organization

OWNERS = """
select distinct c.relowner::regrole::text as name from pg_class c
where c.relnamespace in ('public'::regnamespace, 'baton'::regnamespace) and c.relkind in ('r', 'v', 'S')
union select p.proowner::regrole::text from pg_proc p where p.pronamespace = 'baton'::regnamespace
"""


@pytest.fixture(scope="module")
def guest_url(database_server: Server, template_database: Database) -> Iterator[str]:
    """URL of a migrated database, as a role that may create objects in schema public and may not grant that right."""
    if database_server.superuser_url is None:
        pytest.skip("only a superuser makes a database another role's")
    with new_database(database_server) as url:
        superuser_url = url_of(database_server.superuser_url, name_of(url))
        database = sql.Identifier(name_of(url))
        with psycopg.connect(superuser_url, autocommit=True) as superuser:
            superuser.execute(sql.SQL("alter database {} owner to current_user").format(database))
            superuser.execute(sql.SQL("grant create on database {} to postgres").format(database))
            superuser.execute("grant create on schema public to postgres")
            add_supabase(superuser_url, owner="postgres")
            migrate(url, ROOT / "supabase", seed=True)
            yield url
            superuser.execute(sql.SQL("alter database {} owner to postgres").format(database))


@pytest.fixture
def guest(guest_url: str) -> Iterator[Connection]:
    with psycopg.connect(guest_url, row_factory=dict_row) as connection:
        yield connection


def test_the_migrating_role_keeps_the_tables_and_the_functions(guest: Connection) -> None:
    assert [row["name"] for row in guest.execute(OWNERS)] == ["postgres"]


def test_all_other_rules_hold(guest: Connection) -> None:
    broken = [rule for rule in RULES if guest.execute(question(rule)).fetchall()]
    assert [rule.partition(",")[0] for rule in broken] == [
        "the record belongs to its owner",
        "definer functions belong to the owner of the record",
    ]


def test_a_login_still_writes_only_through_functions(
    database_server: Server, guest: Connection, guest_url: str
) -> None:
    organization = insert_organization(guest, "theirs")
    guest.commit()
    put_member = OF_A_CALLER["baton.put_member"].question()
    with psycopg.connect(database_server.logins(guest_url)["api"], row_factory=dict_row) as api:
        rows = api.execute(put_member.text.encode(), put_member.params(organization, organization.member)).fetchall()
        assert not put_member.is_refusal(rows)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute("insert into public.organization_members select * from public.organization_members")
