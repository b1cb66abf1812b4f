"""The measured server and its databases: one with filled tables, which is kept, and a copy of it for each measurement.

The server is an embedded Postgres below ``.baton/bench``, which writes to the disk like a deployment's. Alternatively
BATON_BENCH_DATABASE_URL names another server. It must name a superuser: only a superuser can fill the tables without
triggers and foreign keys. The logins baton_* of that server get new passwords.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from cli import checkout
from cli.database_urls import url_of
from local.database import prepare, set_passwords
from local.migrations import read_migrations
from local.postgres import Postgres

FILLED = "baton_bench_filled"
HOME = checkout.ROOT / ".baton" / "bench"
SUPABASE = checkout.ROOT / "supabase"
FILLING = Path(__file__).with_name("filling.sql")
RUNS = 100_000

# Background work of Postgres would affect some workloads and not others. Each workload begins with a
# checkpoint instead.
_QUIET = """
alter system set autovacuum = off;
alter system set checkpoint_timeout = '1d';
alter system set max_wal_size = '16GB';
"""


@dataclass(frozen=True)
class Server:
    """``owner_url`` may create databases; ``monitor_url`` belongs to a superuser, who sees every session."""

    owner_url: str
    monitor_url: str

    def execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(statement)

    def drop(self, name: str) -> None:
        """Drop a database and end its sessions, as the superuser."""
        with psycopg.connect(self.monitor_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    @contextmanager
    def copy(self, name: str, template: str = "template1") -> Iterator[str]:
        """The owner's URL of a new copy of ``template``. It is dropped afterwards."""
        self.drop(name)
        statement = sql.SQL("create database {} template {} strategy file_copy")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield url_of(self.owner_url, name)
        finally:
            self.drop(name)


def stay_on_one_cpu() -> None:
    """Keep this process, and the processes that it starts from now on, on one CPU. On two, a client and its backend
    wake each other from idle, each time with cold caches: the same step costs 1.2 to 1.7 times as much CPU, another
    factor every minute. (On macOS a process cannot be held.)"""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@contextmanager
def running_server() -> Iterator[Server]:
    stay_on_one_cpu()
    if url := os.environ.get("BATON_BENCH_DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute("select current_setting('is_superuser')").fetchone() != ("on",):
                raise SystemExit("BATON_BENCH_DATABASE_URL must name a superuser: no other role can fill the tables.")
        yield Server(url, url)
        return
    with Postgres(HOME) as postgres:
        with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
            for statement in _QUIET.strip().splitlines():
                connection.execute(statement.encode())
            connection.execute("select pg_reload_conf()")
        yield Server(postgres.owner_url, postgres.superuser_url)


@contextmanager
def filled_database(server: Server, tell: Callable[[str], None]) -> Iterator[tuple[str, dict[str, str]]]:
    """The owner's URL of a copy of the filled database, and the URL of each login."""
    digest = _digest()
    if _mark(server) != digest:
        tell(f"Filling the tables with {RUNS:,} runs (once, about a minute)")
        _fill(server, digest)
    with server.copy("baton_bench_baton", FILLED) as owner_url:
        yield owner_url, set_passwords(owner_url)


def _digest() -> str:
    """The digest of the migrations and the filling script."""
    texts = [migration.sql for migration in read_migrations(SUPABASE / "migrations")]
    return hashlib.sha256("\0".join([*texts, FILLING.read_text(), str(RUNS)]).encode()).hexdigest()


def _mark(server: Server) -> str | None:
    """The digest of the filled database; None if there is no database, or its filling was interrupted."""
    query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        row = connection.execute(query, (FILLED,)).fetchone()
    return None if row is None else row[0]


def _fill(server: Server, digest: str) -> None:
    server.drop(FILLED)
    server.execute(sql.SQL("create database {}").format(sql.Identifier(FILLED)))
    superuser_url = url_of(server.monitor_url, FILLED)
    prepare(url_of(server.owner_url, FILLED), SUPABASE, superuser_url=superuser_url)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("select set_config('bench.runs', %s, false)", (str(RUNS),))
        connection.execute(FILLING.read_bytes())  # without parameters, many statements are possible
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    server.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(FILLED), sql.Literal(digest)))
