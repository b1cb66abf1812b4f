"""A real Postgres: one server a session, one migrated and seeded template database, one clone of it a test.

BATON_TEST_DATABASE_URL (a role that may create databases and roles) replaces the embedded server. ``stack`` is the
whole local stack with a database of its own, one a session.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cli.checkout import ROOT
from cli.database_urls import url_as, url_of
from cli.logins import LOGINS
from local.database import Database, prepare
from local.postgres import Postgres
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import StackClient


@dataclass(frozen=True)
class Server:
    """``old_databases`` belong to earlier tests and are dropped when the next one is created. ``passwords`` belong to
    the engine's logins, which are global to the server: a test that changes them restores them."""

    owner_url: str
    superuser_url: str | None
    old_databases: list[str] = field(default_factory=list)
    passwords: Mapping[str, str] = field(default_factory=lambda: {login: secrets.token_urlsafe(24) for login in LOGINS})

    def create(self, template: str) -> str:
        """The name of a new database. Copying the template's files takes a third of the time of logging them."""
        name = f"baton_{uuid.uuid4().hex}"
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            while self.old_databases:
                statement = sql.SQL("drop database {} with (force)").format(sql.Identifier(self.old_databases.pop()))
                connection.execute(statement)
            statement = sql.SQL("create database {} template {} strategy file_copy")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def logins(self, owner_url: str) -> dict[str, str]:
        """Login → URL of a database of this server."""
        return {login: url_as(owner_url, f"baton_{login}", password) for login, password in self.passwords.items()}

    def set_passwords(self, owner_url: str) -> None:
        """Set the passwords of the logins. A server of BATON_TEST_DATABASE_URL lacks the settings of
        ``local.postgres``, so one round of hashing is set here. Postgres 15 does not have the setting."""
        with psycopg.connect(owner_url) as connection:
            if connection.info.server_version >= 160000:
                connection.execute("set scram_iterations = 1")
            for login, password in self.passwords.items():
                statement = sql.SQL("alter role {} with login password {}")
                connection.execute(statement.format(sql.Identifier(f"baton_{login}"), sql.Literal(password)))


MEMORY = Path("/dev/shm")  # exists on Linux; small in some containers
MIN_MEMORY_BYTES = 4 << 30


@pytest.fixture(scope="session")
def open_directory() -> Iterator[Path]:
    """A directory for databases: in memory if there is room, because a database is some three hundred files.

    Every account may enter it. If root runs the tests, other accounts may not enter pytest's own directories.
    """
    place = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MIN_MEMORY_BYTES else None
    with tempfile.TemporaryDirectory(prefix="baton-tests-", dir=place) as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@pytest.fixture(scope="session")
def database_server(open_directory: Path) -> Iterator[Server]:
    if url := os.environ.get("BATON_TEST_DATABASE_URL"):
        yield Server(url, None)
        return
    with Postgres(open_directory / "postgres", durable=False) as postgres:
        yield Server(postgres.owner_url, postgres.superuser_url)


@contextmanager
def new_database(server: Server, template: str = "template1") -> Iterator[str]:
    """The owner's URL of a new database.

    It is dropped later: Postgres would wait a tenth of a second for a connection that is just being closed.
    """
    name = server.create(template)
    yield url_of(server.owner_url, name)
    server.old_databases.append(name)


def name_of(url: str) -> str:
    """The name of the database in a URL."""
    return url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def empty_database_url(database_server: Server) -> Iterator[str]:
    """The owner's URL of an empty database."""
    with new_database(database_server) as url:
        yield url


@pytest.fixture(scope="session")
def template_database(database_server: Server) -> Iterator[Database]:
    with new_database(database_server) as owner_url:
        superuser_url = database_server.superuser_url and url_of(database_server.superuser_url, name_of(owner_url))
        prepare(owner_url, ROOT / "supabase", superuser_url=superuser_url or None, seed=True)
        database_server.set_passwords(owner_url)
        yield Database(owner_url, database_server.logins(owner_url))


@pytest.fixture
def database(database_server: Server, template_database: Database) -> Iterator[Database]:
    """A migrated and seeded database of this test alone."""
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        yield Database(owner_url, database_server.logins(owner_url))


@pytest.fixture
def database_url(database: Database) -> str:
    """The owner's URL of ``database``."""
    return database.owner_url


@pytest.fixture
def login_url(database: Database) -> Callable[[str], str]:
    """The URL of ``database`` for a login of the engine: ``login_url("step")``."""
    return database.logins.__getitem__


@pytest.fixture(scope="session")
def stack(open_directory: Path) -> Iterator[Stack]:
    with Stack(data_dir=open_directory / "stack", durable=False) as running:
        yield running


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    """An agent on this machine whose behaviour the test chooses."""
    with closing(FakeAgent()) as agent:
        yield agent


@pytest.fixture
def client(stack: Stack, agent: FakeAgent) -> StackClient:
    return StackClient(stack, agent.url)
