"""Two organisations with a row in every table, and the database's catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.tenancy.organization import OrganizationFixture, insert_organization

Connection = psycopg.Connection[dict[str, Any]]

TABLES = """
select n.nspname as schema, n.nspname || '.' || c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'baton', 'company') and c.relkind in ('r', 'p') order by 1, 2
"""


def contents(owner: Connection) -> Mapping[str, list[str]]:
    """Every table with its rows, as text, in this transaction. An error if a policy hides a row from this role: the
    tests must see every row."""
    with owner.transaction(force_rollback=True):  # also resets the setting
        tables = [row["name"] for row in owner.execute(TABLES)]
        owner.execute("set local row_security = off")
        everything = " union all ".join(f"select '{table}' as name, t::text as row from {table} t" for table in tables)
        rows: dict[str, list[str]] = {table: [] for table in tables}
        for row in owner.execute(f"{everything} order by 1, 2".encode()):
            rows[row["name"]].append(row["row"])
        return rows


@contextmanager
def acting_as(owner: Connection, login: str) -> Iterator[Connection]:
    """Gives this transaction only the rights of ``baton_<login>``; afterwards those of the owner again. One session
    has both roles, because only the session that made a change sees it before the commit.

    The membership of the role is granted in the transaction and ends with it.
    """
    role = sql.Identifier(f"baton_{login}")
    owner.execute(sql.SQL("grant {} to current_user").format(role))
    owner.execute(sql.SQL("set local role {}").format(role))
    yield owner
    owner.execute("reset role")  # after an error, the rollback resets it


@contextmanager
def client(owner: Connection, role: str, claims: Mapping[str, Any] | None = None) -> Iterator[Connection]:
    """A request as Supabase's REST server makes it: the role and the verified claims of a token, for one transaction
    that is rolled back."""
    with owner.transaction(force_rollback=True):
        if claims is not None:
            owner.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        owner.execute(f"set local role {role}".encode())
        yield owner


@pytest.fixture(scope="session")
def shared_url(database_server: Server, template_database: Database) -> Iterator[str]:
    """A migrated and seeded database for all these tests; each rolls its changes back."""
    with new_database(database_server, name_of(template_database.owner_url)) as url:
        yield url


@pytest.fixture
def owner(shared_url: str) -> Iterator[Connection]:
    with psycopg.connect(shared_url, row_factory=dict_row) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def ours(owner: Connection) -> OrganizationFixture:
    return insert_organization(owner, "ours")


@pytest.fixture
def theirs(owner: Connection) -> OrganizationFixture:
    return insert_organization(owner, "theirs")
