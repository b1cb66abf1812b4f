"""Prepares the database of a stack: adds Supabase's roles if they are missing, migrates, seeds, sets passwords."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from cli.database_urls import url_as, url_with
from cli.logins import new_passwords
from local.migrations import migrate

HOW_TO_INSIST = "To use it nevertheless: make up YES=1"
SHIM = Path(__file__).with_name("supabase_shim.sql")

# True if there are no objects of a person: all objects belong to an extension, or are in a schema that a new Supabase
# project or a plain Postgres has. `supabase_migrations` has the record of applied migrations.
IS_EMPTY = """
with theirs as (
  select oid, nspname from pg_namespace n
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'auth', 'storage', 'realtime', '_realtime',
    '_analytics', '_supavisor', 'vault', 'graphql', 'graphql_public', 'extensions', 'pgbouncer', 'pgsodium',
    'pgsodium_masks', 'supabase_functions', 'supabase_migrations', 'net', 'cron')
    and not exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass and d.objid = n.oid
      and d.deptype = 'e')
), objects (kind, oid, namespace) as (
  select 'pg_class'::regclass, oid, relnamespace from pg_class
  union all select 'pg_proc'::regclass, oid, pronamespace from pg_proc
  union all select 'pg_type'::regclass, oid, typnamespace from pg_type
  union all select 'pg_operator'::regclass, oid, oprnamespace from pg_operator
  union all select 'pg_collation'::regclass, oid, collnamespace from pg_collation
  union all select 'pg_conversion'::regclass, oid, connamespace from pg_conversion
  union all select 'pg_ts_config'::regclass, oid, cfgnamespace from pg_ts_config
  union all select 'pg_ts_dict'::regclass, oid, dictnamespace from pg_ts_dict
)
select not exists (select from theirs where nspname <> 'public')
  and not exists (select from pg_largeobject_metadata)
  and not exists (select from objects o join theirs t on t.oid = o.namespace
    where not exists (select from pg_depend d where d.classid = o.kind and d.objid = o.oid and d.deptype = 'e'))
"""
HAS_FIRST_MIGRATION = "select exists (select from supabase_migrations.schema_migrations where name = 'engine')"


class DatabaseRefused(RuntimeError):
    """The stack does not use the named database. The message says why, and how to use it nevertheless."""


@dataclass(frozen=True)
class Database:
    """A prepared database: the URL of its owner (not a superuser), and the URL of each login of the engine."""

    owner_url: str
    logins: Mapping[str, str]


def check_database(url: str, *, insist: bool) -> bool:
    """Check a database that the user named, before writing to it. Returns whether it is empty.

    Raises DatabaseRefused if it does not answer, or has a schema ``baton`` of another origin. Without ``insist``, also
    if the server is on another machine, or the database is not empty and is not Baton's.
    """
    if not insist and (host := _remote_host(url)):
        raise DatabaseRefused(
            f"BATON_DATABASE_URL names a server on another machine ({host}). The local stack would migrate it and set "
            f"new passwords of the baton_* logins. {HOW_TO_INSIST}"
        )
    try:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            empty, ours = _is_empty(connection), _is_ours(connection)
    except psycopg.OperationalError as error:
        raise DatabaseRefused(f"The database that BATON_DATABASE_URL names does not answer: {error}") from error
    if not (empty or ours or insist):
        raise DatabaseRefused(
            "The database that BATON_DATABASE_URL names is not empty and is not Baton's: it has no schema `baton`. "
            f"Name an empty one. {HOW_TO_INSIST}"
        )
    return empty


def _is_empty(connection: psycopg.Connection) -> bool:
    row = connection.execute(IS_EMPTY).fetchone()
    return row == (True,)


def _is_ours(connection: psycopg.Connection) -> bool:
    """Whether Baton's migrations made the schema ``baton``. Raises DatabaseRefused if something else did."""
    row = connection.execute(
        "select to_regnamespace('baton') is not null, to_regclass('supabase_migrations.schema_migrations') is not null"
    ).fetchone()
    assert row is not None
    has_schema, has_record = row
    if not has_schema:
        return False
    if has_record and connection.execute(HAS_FIRST_MIGRATION).fetchone() == (True,):
        return True
    raise DatabaseRefused(
        "The database that BATON_DATABASE_URL names has a schema `baton` that Baton's migrations did not make. "
        "Rename or drop that schema, or name another database."
    )


def prepare(owner_url: str, supabase: Path, *, superuser_url: str | None = None, seed: bool = False) -> Database:
    """Add Supabase's roles (with ``superuser_url`` if there is one), migrate, seed (with ``seed``), set passwords."""
    add_supabase(superuser_url or owner_url, owner=_role(owner_url))
    migrate(owner_url, supabase, seed=seed)
    return Database(owner_url, set_passwords(owner_url))


def add_supabase(url: str, *, owner: str) -> None:
    """Add Supabase's roles and functions to a plain Postgres. A database that has them is not changed."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection, connection.transaction():
        row = connection.execute(
            "select to_regprocedure('auth.uid()') is not null and to_regrole('authenticated') is not null"
        ).fetchone()
        if row == (True,):
            return
        connection.execute("select set_config('baton.owner', %s, true)", (owner,))
        connection.execute(SHIM.read_bytes())


def set_passwords(owner_url: str) -> dict[str, str]:
    """Set a new random password for each login of the engine; returns login → URL."""
    with psycopg.connect(owner_url, prepare_threshold=None) as connection:
        passwords = new_passwords(connection)
    return {login: url_as(owner_url, f"baton_{login}", password) for login, password in passwords.items()}


def _role(url: str) -> str:
    with psycopg.connect(url, prepare_threshold=None) as connection:
        row = connection.execute("select current_user").fetchone()
    assert row is not None
    return str(row[0])


def complete_url(url: str) -> str:
    """``url`` (or a conninfo string) as a URL, with the parts that the PG* variables of the environment add.

    Raises DatabaseRefused if it is neither.
    """
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        # libpq's message would show the password.
        raise DatabaseRefused(
            "BATON_DATABASE_URL must be a URL such as postgresql://user:password@127.0.0.1:5432/name "
            "(write special characters of the password like %40)"
        ) from None
    defaults = {
        option.keyword.decode(): option.val.decode()
        for option in pq.Conninfo.get_defaults()
        if option.val and option.envvar and option.envvar.decode() in os.environ
    }
    if url.startswith(("postgresql://", "postgres://")) and not defaults.keys() - parts.keys():
        return url
    return url_with("", **(defaults | parts))


def _remote_host(url: str) -> str | None:
    """The first host in ``url`` that is not this machine."""
    parts = conninfo_to_dict(complete_url(url))
    hosts = str(parts.get("hostaddr") or parts.get("host") or "")
    return next((host for host in hosts.split(",") if not _is_this_machine(host)), None)


def _is_this_machine(host: str) -> bool:
    if not host or host.startswith(("/", "@")):
        return True
    try:
        addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None)]
    except OSError:
        return False
    return all(ipaddress.ip_address(address.split("%")[0]).is_loopback for address in addresses)
