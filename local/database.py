"""The database of a stack: made like Supabase if plain, migrated, seeded once, with a password for each login."""

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

INSIST = "If it is to be used all the same, say so: make up YES=1"
SHIM = Path(__file__).with_name("supabase_shim.sql")

# Whatever a person made outside the schemas that a new Supabase project or a plain Postgres has of itself. What
# belongs to an extension is the extension's. Every migration of ours is in the books that the Supabase CLI keeps.
EMPTY_DATABASE = """
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
FIRST_MIGRATION = "select exists (select from supabase_migrations.schema_migrations where name = 'engine')"


class DatabaseRefused(RuntimeError):
    """The given database looks like one that must not be touched; the message says why and how to insist."""


@dataclass(frozen=True)
class Database:
    """A database that is ready: its owner's URL (not a superuser's) and the URL of each login of the engine."""

    owner_url: str
    logins: Mapping[str, str]


def check_given(url: str, *, insist: bool) -> bool:
    """Look before anything is written to a database that the user named. Answers whether it is empty.

    Raises DatabaseRefused for one that does not answer and for one with somebody else's schema ``baton``; and, unless
    ``insist``, for a server on another machine and for a database that holds something but not Baton.
    """
    if not insist and (host := _host_elsewhere(url)):
        raise DatabaseRefused(
            f"BATON_DATABASE_URL names a server on another machine ({host}). The local stack would migrate it and give "
            f"the baton_* logins new passwords. {INSIST}"
        )
    try:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            empty, ours = _is_empty(connection), _is_ours(connection)
    except psycopg.OperationalError as error:
        raise DatabaseRefused(f"The database that BATON_DATABASE_URL names does not answer: {error}") from error
    if not (empty or ours or insist):
        raise DatabaseRefused(
            "The database that BATON_DATABASE_URL names is not empty and is not Baton's: it has no schema `baton`. "
            f"Name an empty one. {INSIST}"
        )
    return empty


def _is_empty(connection: psycopg.Connection) -> bool:
    row = connection.execute(EMPTY_DATABASE).fetchone()
    return row == (True,)


def _is_ours(connection: psycopg.Connection) -> bool:
    """Whether Baton's migrations made the schema ``baton``. Raises DatabaseRefused if something else did."""
    row = connection.execute(
        "select to_regnamespace('baton') is not null, to_regclass('supabase_migrations.schema_migrations') is not null"
    ).fetchone()
    assert row is not None
    present, books = row
    if not present:
        return False
    if books and connection.execute(FIRST_MIGRATION).fetchone() == (True,):
        return True
    raise DatabaseRefused(
        "The database that BATON_DATABASE_URL names has a schema `baton` that Baton's migrations did not make. "
        "Rename or drop that schema, or name another database."
    )


def prepare(owner_url: str, supabase: Path, *, superuser_url: str | None = None, seed: bool = False) -> Database:
    """Shim (by ``superuser_url`` if given), migrate, seed (if asked), and give each login a new password."""
    add_supabase(superuser_url or owner_url, owner=_role(owner_url))
    migrate(owner_url, supabase, seed=seed)
    return Database(owner_url, set_passwords(owner_url))


def add_supabase(url: str, *, owner: str) -> None:
    """Give a plain Postgres what a Supabase project has; a database that has it already stays as it is."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection, connection.transaction():
        row = connection.execute(
            "select to_regprocedure('auth.uid()') is not null and to_regrole('authenticated') is not null"
        ).fetchone()
        if row == (True,):
            return
        connection.execute("select set_config('baton.owner', %s, true)", (owner,))
        connection.execute(SHIM.read_bytes())


def set_passwords(owner_url: str) -> dict[str, str]:
    """A new random password for each login of the engine; answers login → URL."""
    with psycopg.connect(owner_url, prepare_threshold=None) as connection:
        passwords = new_passwords(connection)
    return {login: url_as(owner_url, f"baton_{login}", password) for login, password in passwords.items()}


def _role(url: str) -> str:
    with psycopg.connect(url, prepare_threshold=None) as connection:
        row = connection.execute("select current_user").fetchone()
    assert row is not None
    return str(row[0])


def complete(url: str) -> str:
    """``url`` (or a conninfo string) as a URL, with what it leaves to the PG* variables of the environment.

    Raises DatabaseRefused if it is neither.
    """
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        # libpq's own words repeat what it could not read, with the password in it.
        raise DatabaseRefused(
            "BATON_DATABASE_URL must be such as postgresql://user:password@127.0.0.1:5432/name "
            "(what is special in a password is written like %40)"
        ) from None
    defaults = {
        option.keyword.decode(): option.val.decode()
        for option in pq.Conninfo.get_defaults()
        if option.val and option.envvar and option.envvar.decode() in os.environ
    }
    if url.startswith(("postgresql://", "postgres://")) and not defaults.keys() - given.keys():
        return url
    return url_with("", **(defaults | given))


def _host_elsewhere(url: str) -> str | None:
    """The first host that ``url`` names and that is not this machine."""
    given = conninfo_to_dict(complete(url))
    hosts = str(given.get("hostaddr") or given.get("host") or "")
    return next((host for host in hosts.split(",") if not _is_this_machine(host)), None)


def _is_this_machine(host: str) -> bool:
    if not host or host.startswith(("/", "@")):
        return True
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_loopback for entry in found)
