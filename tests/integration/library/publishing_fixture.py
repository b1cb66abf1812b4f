"""Publishing in an organisation, on a real database, with the API function's own login."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from baton.agents.address_guard import AddressGuard
from baton.errors import Invalid, SourceProblem
from baton.library_sources import LibrarySources
from baton.model import Principal
from baton.store.database import Database
from baton.store.library import LibraryTable
from baton.usecases.library import ManageLibrary, PublishRequest, PublishResult
from cli.checkout import ROOT
from tests.integration.inserts import insert_member
from tests.integration.recording import RecordingMachines

EXAMPLE = ROOT / "examples" / "hello-agent"
AGENT = (EXAMPLE / "hello-agent.yaml").read_text().replace("http://127.0.0.1:8901/", "https://agents.example.com/hello")
DESK = (EXAMPLE / "hello-desk.yaml").read_text()
HELLO = (EXAMPLE / "hello.yaml").read_text()


class PublishingFixture:
    """An organisation with members who publish agents and definitions."""

    def __init__(self, api_url: str, owner_url: str) -> None:
        self.api_url = api_url
        self.database = Database(api_url)
        self.owner = psycopg.connect(owner_url, autocommit=True, row_factory=dict_row)
        self.owner.execute("insert into organizations (slug, name) values ('acme', 'Acme')")
        self.machines = RecordingMachines()
        self.library = self.manage_library(self.database)
        self.admin = self.member("admin")

    def manage_library(self, database: Database) -> ManageLibrary:
        return ManageLibrary(LibraryTable(database), lambda: LibrarySources(AddressGuard()), lambda: self.machines)

    def member(self, *roles: str, organization: str = "acme") -> Principal:
        return insert_member(self.owner, *roles, organization=organization)

    def agent(
        self, source: str = AGENT, *, by: Principal | None = None, organization: str = "acme"
    ) -> PublishResult[Any]:
        return self.library.agent(by or self.admin, PublishRequest(organization, source))

    def definition(
        self, source: str = HELLO, *, by: Principal | None = None, organization: str = "acme"
    ) -> PublishResult[Any]:
        return self.library.definition(by or self.admin, PublishRequest(organization, source))

    def rows(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        return self.owner.execute(statement, params).fetchall()

    def close(self) -> None:
        self.database.close()
        self.owner.close()


def problems(raised: pytest.ExceptionInfo[Invalid]) -> list[tuple[int, str]]:
    assert all(isinstance(problem, SourceProblem) for problem in raised.value.problems)
    return [(problem.line, problem.message) for problem in raised.value.problems]  # type: ignore[attr-defined]
