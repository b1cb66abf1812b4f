"""A database with 100,000 runs, most of them in one organisation, and its lists, read with the API's login."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from baton.model import Principal
from baton.store.outbox import FailedEffects
from baton.store.reads import Reads
from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.lists.explaining import ExplainingDatabase

RUNS = 100_000
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
FILLING = Path(__file__).with_name("filling.sql")


def id_of(what: str) -> str:
    """The id of a row in ``filling.sql``, for example ``run 7`` or ``member busy``."""
    return str(uuid.UUID(hashlib.md5(what.encode(), usedforsecurity=False).hexdigest()))


def moment_of(run: int) -> datetime:
    return NEWEST - timedelta(minutes=3 * run)


def member(name: str) -> Principal:
    return Principal(id_of(f"member {name}"))


@dataclass(frozen=True)
class ListsFixture:
    """``database`` records the plans of the statements of ``reads`` and ``outbox``."""

    database: ExplainingDatabase
    reads: Reads
    failed_effects: FailedEffects


@pytest.fixture(scope="session")
def filled_database(database_server: Server, template_database: Database) -> Iterator[Database]:
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("select set_config('lists.runs', %s, false)", (str(RUNS),))
            owner.execute(FILLING.read_bytes())  # no parameters: many statements in one go
        yield Database(owner_url, database_server.logins(owner_url))


@pytest.fixture
def lists(filled_database: Database) -> Iterator[ListsFixture]:
    with closing(ExplainingDatabase(filled_database.logins["api"])) as database:
        reads = Reads(database)
        (run, *_) = reads.runs(member("small"))  # a session reads the functions of a statement when it first calls them
        reads.run_status(member("small"), run["id"])
        database.explained.clear()
        yield ListsFixture(database, reads, FailedEffects(database))
