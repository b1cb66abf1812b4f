"""Two organisations, and the reads and changes of one of the engine's logins on behalf of a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.rows import dict_row

from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.tenancy.cases import Question, Rows
from tests.integration.tenancy.conftest import Connection, acting_as, contents
from tests.integration.tenancy.organization import OrganizationFixture, insert_organization

ENDS = {
    "expired": "update organization_members set expires_at = now() where user_id = %s",
    "revoked": "delete from organization_members where user_id = %s",
}


@dataclass(frozen=True)
class TenancyFixture:
    """Two organisations, and the owner of their record. ``former`` are organisations whose machine was removed, by the
    way in which its membership ended."""

    ours: OrganizationFixture
    theirs: OrganizationFixture
    former: Mapping[str, OrganizationFixture]
    owner: Connection
    logins: Mapping[str, str]

    def record(self) -> Mapping[str, list[str]]:
        """Every row, as the owner sees it."""
        return contents(self.owner)

    def of_theirs(self, record: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        """The rows of a record that mention the other organisation."""
        return {name: [row for row in rows if self.theirs.is_mentioned_in(row)] for name, rows in record.items()}

    def run(
        self, question: Question, organization: OrganizationFixture, user_id: str, prepare: str = ""
    ) -> tuple[Rows, bool]:
        """The answer to a question about an organisation's rows, and whether anything changed. The login asks, the
        owner prepares and looks, in one transaction that is rolled back."""
        before, rows, after = self.observe(question, organization, user_id, prepare)
        return rows, before != after

    def observe(
        self, question: Question, organization: OrganizationFixture, user_id: str, prepare: str = ""
    ) -> tuple[Mapping[str, list[str]], Rows, Mapping[str, list[str]]]:
        """The record before, the answer, and the record after."""
        parameters = question.params(organization, user_id)
        with self.owner.transaction(force_rollback=True):
            if prepare:
                self.owner.execute(prepare.encode())
            if question.case.before:
                self.owner.execute(question.case.before.encode(), parameters)
            before = self.record()
            with acting_as(self.owner, question.login):
                cursor = self.owner.execute(question.text.encode(), parameters)
                rows = cursor.fetchall() if cursor.description else []
            return before, rows, self.record()


@pytest.fixture(scope="module")
def tenancy(database_server: Server, template_database: Database) -> Iterator[TenancyFixture]:
    with two_organizations(database_server, template_database) as fixture:
        yield fixture


@contextmanager
def two_organizations(database_server: Server, template_database: Database) -> Iterator[TenancyFixture]:
    with (
        new_database(database_server, name_of(template_database.owner_url)) as owner_url,
        psycopg.connect(owner_url, autocommit=True, row_factory=dict_row) as owner,
    ):
        owner.execute("truncate company.kpi_data")  # the seed's twenty thousand rows would be in every comparison
        ours, theirs = insert_organization(owner, "ours"), insert_organization(owner, "theirs")
        former = {end: insert_organization(owner, end) for end in ENDS}
        for end, statement in ENDS.items():
            owner.execute(statement.encode(), (former[end].token_id,))
        yield TenancyFixture(ours, theirs, former, owner, database_server.logins(owner_url))
