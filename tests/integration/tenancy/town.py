"""Two organisations, and what somebody finds and changes there who asks as one of the engine's logins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.rows import dict_row

from local.database import Database, set_passwords
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.tenancy.cases import Asked, Rows
from tests.integration.tenancy.conftest import Connection, Estate, acting_as, build, contents

ENDS = {
    "expired": "update organization_members set expires_at = now() where user_id = %s",
    "revoked": "delete from organization_members where user_id = %s",
}


@dataclass(frozen=True)
class Town:
    """Two organisations, and the owner of their record. And those of which the machine's time is over, by how it
    ended."""

    ours: Estate
    theirs: Estate
    over: Mapping[str, Estate]
    owner: Connection
    logins: Mapping[str, str]

    def record(self) -> Mapping[str, list[str]]:
        """All that there is, as its owner sees it."""
        return contents(self.owner)

    def of_theirs(self, record: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        """What of a record mentions the other organisation."""
        return {name: [row for row in rows if self.theirs.is_mentioned_in(row)] for name, rows in record.items()}

    def run(self, asked: Asked, estate: Estate, user_id: str, prepare: str = "") -> tuple[Rows, bool]:
        """What is answered, and whether anything changed, if somebody asks about an organisation's things. The login
        asks; its owner prepares and looks, in the same transaction, of which nothing stays."""
        before, rows, after = self.looks(asked, estate, user_id, prepare)
        return rows, before != after

    def looks(
        self, asked: Asked, estate: Estate, user_id: str, prepare: str = ""
    ) -> tuple[Mapping[str, list[str]], Rows, Mapping[str, list[str]]]:
        """The record before, the answer, and the record after."""
        given = asked.params(estate, user_id)
        with self.owner.transaction(force_rollback=True):
            if prepare:
                self.owner.execute(prepare.encode())
            if asked.case.before:
                self.owner.execute(asked.case.before.encode(), given)
            before = self.record()
            with acting_as(self.owner, asked.login):
                cursor = self.owner.execute(asked.text.encode(), given)
                rows = cursor.fetchall() if cursor.description else []
            return before, rows, self.record()


@pytest.fixture(scope="module")
def town(database_server: Server, template_database: Database) -> Iterator[Town]:
    with (
        new_database(database_server, name_of(template_database.owner_url)) as owner_url,
        psycopg.connect(owner_url, autocommit=True, row_factory=dict_row) as owner,
    ):
        owner.execute("truncate company.kpi_data")  # twenty thousand rows of the seed, in every look
        ours, theirs = build(owner, "ours"), build(owner, "theirs")
        over = {end: build(owner, end) for end in ENDS}
        for end, statement in ENDS.items():
            owner.execute(statement.encode(), (over[end].token_id,))
        yield Town(ours, theirs, over, owner, set_passwords(owner_url))
