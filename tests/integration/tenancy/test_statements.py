"""Whoever asks from another organisation sees nothing and changes nothing, statement by statement, on the API's own
login."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from baton.bootstrap import OutboxTable
from baton.errors import Forbidden, NotFound
from baton.model import Principal
from baton.ports.forks import NewFork
from baton.ports.launch import NewRun
from baton.ports.recovery import AbortCommand, Acted, RecoverCommand
from baton.store.database import Database as StoreDatabase
from baton.store.forks import Forks
from baton.store.launch import Launches
from baton.store.recovery import Recoveries
from baton.store.stream import Stream
from local.database import Database, set_passwords
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.tenancy.conftest import TABLES, Connection, Estate, build
from tests.integration.tenancy.statements import (
    AROUND,
    ELSEWHERE,
    IDENTIFYING,
    OF_A_CALLER,
    OF_THE_STREAM,
    ON_BEHALF,
    Case,
    adapters_of_the_api,
    params,
    statements_of_the_api,
    text_of,
    words_of,
    writes,
)

Rows = list[dict[str, Any]]
Intrusion = Callable[[StoreDatabase, "Town"], None]

ENDS = {
    "expired": "update organization_members set expires_at = now() where user_id = %s",
    "revoked": "delete from organization_members where user_id = %s",
}


@dataclass(frozen=True)
class Town:
    """Two organisations, and the API's login. And those of which the machine's time is over, by how it ended."""

    ours: Estate
    theirs: Estate
    over: Mapping[str, Estate]
    api: Connection
    logins: Mapping[str, str]

    def record(self) -> dict[str, list[str]]:
        """All that the API's login can see, so also all that it could have changed."""
        return {row["name"]: self._rows(row["name"]) for row in self.api.execute(TABLES) if row["schema"] != "company"}

    def _rows(self, table: str) -> list[str]:
        visible = self.api.execute(
            "select string_agg(quote_ident(attname), ', ') as columns from pg_attribute"
            " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " and has_column_privilege(attrelid, attnum, 'select')",
            (table,),
        ).fetchone()
        if visible is None or visible["columns"] is None:
            return []
        return sorted(map(str, self.api.execute(f"select {visible['columns']} from {table}".encode())))

    def run(self, name: str, case: Case, estate: Estate, user_id: str) -> tuple[Rows, bool]:
        """What a statement about an organisation's things answers to somebody, and whether it changed anything. Nothing
        stays."""
        given = params(estate, user_id, case)
        with self.api.transaction(force_rollback=True):
            if case.before:
                self.api.execute(case.before.encode(), given)
            before = self.record()
            cursor = self.api.execute(text_of(name).encode(), given)
            rows = cursor.fetchall() if cursor.description else []
            return rows, self.record() != before


@pytest.fixture(scope="module")
def town(database_server: Server, template_database: Database) -> Iterator[Town]:
    with new_database(database_server, name_of(template_database.owner_url)) as owner_url:
        with psycopg.connect(owner_url, row_factory=dict_row) as owner:
            ours, theirs = build(owner, "ours"), build(owner, "theirs")
            over = {end: build(owner, end) for end in ENDS}
            for end, statement in ENDS.items():
                owner.execute(statement.encode(), (over[end].token_id,))
        logins = set_passwords(owner_url)
        with psycopg.connect(logins["api"], autocommit=True, row_factory=dict_row) as api:
            yield Town(ours, theirs, over, api, logins)


def test_every_statement_of_the_api_has_its_case() -> None:
    known = [*OF_A_CALLER, *AROUND, *IDENTIFYING, *ELSEWHERE]
    assert sorted(known) == sorted(statements_of_the_api())


def test_what_is_run_elsewhere_is_not_run_by_the_api() -> None:
    adapters = [adapter for adapter in adapters_of_the_api() if adapter is not OutboxTable]  # that one serves them all
    wrong = [
        f"{adapter.__name__} runs {name}"
        for adapter in adapters
        for name in ELSEWHERE
        if name.partition(".")[2] in words_of(adapter)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", OF_A_CALLER)
def test_a_member_is_answered(town: Town, name: str) -> None:
    """Without this, the next tests could pass on a statement that never answers anybody."""
    rows, changed = town.run(name, OF_A_CALLER[name], town.theirs, town.theirs.member)
    assert changed if writes(name) else rows


@pytest.mark.parametrize("name", OF_A_CALLER)
def test_a_member_of_another_organisation_sees_and_changes_nothing(town: Town, name: str) -> None:
    rows, changed = town.run(name, OF_A_CALLER[name], town.theirs, town.ours.member)
    assert not changed
    assert not town.theirs.is_mentioned_in(rows)


@pytest.mark.parametrize("name", OF_A_CALLER)
def test_whoever_belongs_nowhere_sees_and_changes_nothing(town: Town, name: str) -> None:
    rows, changed = town.run(name, OF_A_CALLER[name], town.theirs, str(uuid.uuid4()))
    assert not changed
    assert [row for row in rows if row != {"redriven": 0}] == []


@pytest.mark.parametrize("name", ON_BEHALF)
def test_what_another_function_does_on_behalf_of_a_caller_it_does_for_no_stranger(town: Town, name: str) -> None:
    login, case = ON_BEHALF[name]
    with psycopg.connect(town.logins[login], autocommit=True, row_factory=dict_row) as connection:
        other = replace(town, api=connection)
        rows, changed = other.run(name, case, town.theirs, town.theirs.member)
        assert rows
        assert changed
        for stranger in (town.ours.member, str(uuid.uuid4())):
            assert other.run(name, case, town.theirs, stranger) == ([], False)


@pytest.mark.parametrize("name", OF_THE_STREAM)
def test_the_stream_function_tells_members_and_nobody_else(town: Town, name: str) -> None:
    with psycopg.connect(town.logins["stream"], autocommit=True, row_factory=dict_row) as connection:
        other = replace(town, api=connection)
        rows, changed = other.run(name, Case(), town.theirs, town.theirs.member)
        assert rows
        assert not changed
        for stranger in (town.ours.member, str(uuid.uuid4())):
            assert other.run(name, Case(), town.theirs, stranger) == ([], False)
        for estate in town.over.values():
            assert other.run(name, Case(), estate, estate.token_id) == ([], False)


def test_the_stream_function_knows_a_machine_by_its_secret(town: Town) -> None:
    with psycopg.connect(town.logins["stream"], autocommit=True, row_factory=dict_row) as connection:
        rows, _ = replace(town, api=connection).run("service_tokens.bearer", Case(), town.ours, "")
    assert rows == [{"id": uuid.UUID(town.ours.token_id), "live": True}]


def test_the_stream_function_runs_these_statements_and_no_others() -> None:
    class Asked:
        def pipeline(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Rows]:
            assert sorted(text for text, _ in statements) == sorted(map(text_of, OF_THE_STREAM))
            return [[] for _ in statements]

    with pytest.raises(NotFound):
        Stream(Asked())(Principal(str(uuid.uuid4())), str(uuid.uuid4()), after=0, limit=1)


@pytest.mark.parametrize("name", [name for name in sorted(AROUND) if not name.startswith("outbox.")])
def test_what_stands_around_them_changes_nothing_of_a_record_at_rest(town: Town, name: str) -> None:
    rows, changed = town.run(name, Case(), town.theirs, town.ours.member)
    assert not changed
    assert not town.theirs.is_mentioned_in(rows)


@pytest.mark.parametrize("name", ["outbox.delivered", "outbox.not_delivered"])
def test_what_was_delivered_is_told_of_ones_own_effects_alone(town: Town, name: str) -> None:
    with town.api.transaction(force_rollback=True):
        before = town.record()["baton.outbox"]
        town.api.execute(text_of(name).encode(), params(town.ours, town.ours.member, Case()))
        left = [row for row in before if town.theirs.is_mentioned_in(row)]
        assert left
        assert [row for row in town.record()["baton.outbox"] if town.theirs.is_mentioned_in(row)] == left


@pytest.mark.parametrize("name", OF_A_CALLER)
def test_a_machine_is_answered_as_a_member_is(town: Town, name: str) -> None:
    rows, changed = town.run(name, OF_A_CALLER[name], town.theirs, town.theirs.token_id)
    assert changed if writes(name) else rows


@pytest.mark.parametrize("name", OF_A_CALLER)
def test_a_machine_of_another_organisation_sees_and_changes_nothing(town: Town, name: str) -> None:
    rows, changed = town.run(name, OF_A_CALLER[name], town.theirs, town.ours.token_id)
    assert not changed
    assert not town.theirs.is_mentioned_in(rows)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", OF_A_CALLER)
def test_a_machine_whose_time_is_over_sees_and_changes_nothing(town: Town, name: str, end: str) -> None:
    estate = town.over[end]
    rows, changed = town.run(name, OF_A_CALLER[name], estate, estate.token_id)
    assert not changed
    assert [row for row in rows if row != {"redriven": 0}] == []


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", ON_BEHALF)
def test_neither_does_another_function_on_its_behalf(town: Town, name: str, end: str) -> None:
    (login, case), estate = ON_BEHALF[name], town.over[end]
    with psycopg.connect(town.logins[login], autocommit=True, row_factory=dict_row) as connection:
        assert replace(town, api=connection).run(name, case, estate, estate.token_id) == ([], False)


def test_a_machine_is_known_by_its_secret_alone(town: Town) -> None:
    known = [{"id": uuid.UUID(town.ours.token_id), "live": True}]
    assert town.run("service_tokens.bearer", Case(), town.ours, "") == (known, False)
    for secret_hash in (town.theirs.secret_hash, "0" * 64):
        assert town.run("service_tokens.bearer", Case({"secret_hash": secret_hash}), town.ours, "") == ([], False)


@pytest.mark.parametrize("end", ENDS)
def test_and_only_while_its_time_lasts(town: Town, end: str) -> None:
    rows, _ = town.run("service_tokens.bearer", Case(), town.over[end], "")
    assert [row["live"] for row in rows] == [False]


# --- whole boundaries -------------------------------------------------------------------------------------------------


def launch(database: StoreDatabase, town: Town) -> None:
    theirs = town.theirs
    Launches(database).insert(
        NewRun(str(uuid.uuid4()), theirs.organization_id, theirs.definition_id, town.ours.member, "e", {}, {}, "k", "h")
    )


def launch_their_definition_as_ours(database: StoreDatabase, town: Town) -> None:
    ours, theirs = town.ours, town.theirs
    Launches(database).insert(
        NewRun(str(uuid.uuid4()), ours.organization_id, theirs.definition_id, ours.member, "e", {}, {}, None, "h")
    )


def fork(database: StoreDatabase, town: Town) -> None:
    ours, theirs = town.ours, town.theirs
    Forks(database).insert(
        NewFork(str(uuid.uuid4()), theirs.run_id, "look", ours.organization_id, ours.definition_id, ours.member, "e",
                {}, {}, {}, {}, {}, None, None, "h")
    )  # fmt: skip


@pytest.mark.parametrize("intrude", [launch, launch_their_definition_as_ours, fork])
def test_what_is_not_ones_own_is_neither_launched_nor_forked(town: Town, intrude: Intrusion) -> None:
    before = town.record()
    with closing(StoreDatabase(town.logins["api"])) as database, pytest.raises(Forbidden):
        intrude(database, town)
    assert town.record() == before


@pytest.mark.parametrize(
    "act",
    [
        lambda record, run_id, user_id: record.abort(AbortCommand(run_id, user_id, None)),
        lambda record, run_id, user_id: record.recover(RecoverCommand(run_id, 1, user_id, None, None)),
    ],
    ids=["abort", "recover"],
)
def test_another_organisations_run_is_not_found_by_who_would_recover_it(
    town: Town, act: Callable[[Recoveries, str, str], Acted]
) -> None:
    before = town.record()
    with closing(StoreDatabase(town.logins["api"])) as database:
        acted = act(Recoveries(database), town.theirs.run_id, town.ours.member)
    assert acted == Acted(outcome="not_found", run_status="", generation=0, effects=())
    assert town.record() == before
