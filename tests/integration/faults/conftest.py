"""One database, one set of functions, and a runner that plays scenarios with or without faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg.rows import dict_row

from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.faults.lambda_service import FakeLambda
from tests.integration.faults.scenario_runner import ScenarioRunner


@pytest.fixture(scope="package")
def database_of_plays(database_server: Server, template_database: Database) -> Iterator[Database]:
    """One clone for all plays: each begins with a record without runs."""
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        yield Database(owner_url, database_server.logins(owner_url))


@pytest.fixture(scope="package")
def runner(database_of_plays: Database) -> Iterator[ScenarioRunner]:
    owner = psycopg.connect(database_of_plays.owner_url, autocommit=True, row_factory=dict_row)
    functions = FakeLambda(database_of_plays.logins.__getitem__)
    with owner, closing(functions), functions.installed():
        yield ScenarioRunner(functions, owner)
