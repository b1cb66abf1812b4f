"""One database, one set of functions, and a rig on which runs are played with or without faults."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from local.database import Database, set_passwords, url_of
from tests.integration.faults.functions import Functions
from tests.integration.faults.rig import Rig


@pytest.fixture(scope="package")
def database_of_plays(database_server: Any, template_database: Database) -> Iterator[Database]:
    """One clone for all plays: each begins with a record without runs."""
    name = f"baton_{uuid.uuid4().hex}"
    template = template_database.owner_url.rpartition("/")[2].partition("?")[0]
    database_server.execute("create database {} template {}", name, template)
    owner_url = url_of(database_server.owner_url, name)
    yield Database(owner_url, set_passwords(owner_url))
    database_server.execute("drop database {} with (force)", name)


@pytest.fixture(scope="package")
def rig(database_of_plays: Database) -> Iterator[Rig]:
    owner = psycopg.connect(database_of_plays.owner_url, autocommit=True, row_factory=dict_row)
    functions = Functions(database_of_plays.logins.__getitem__)
    with owner, closing(functions), functions.installed():
        yield Rig(functions, owner)
