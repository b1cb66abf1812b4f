"""Callers of another organisation see nothing and change nothing: each statement and function runs with the rights of
its login, and the owner of the record compares all rows."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from baton.errors import Forbidden, NotFound
from baton.model import Principal, RecoverOutcome
from baton.ports.recovery import AbortCommand, ActionResult, RecoverCommand
from baton.ports.runs import EngineIdentity, NewFork, NewRun
from baton.store.database import Database as StoreDatabase
from baton.store.recovery import Recoveries
from baton.store.runs import Forks, Launches
from baton.store.stream import Stream
from tests.integration.tenancy import functions
from tests.integration.tenancy.cases import Case, Rows
from tests.integration.tenancy.organization import OrganizationFixture
from tests.integration.tenancy.statements import (
    ELSEWHERE,
    OF_A_CALLER,
    OF_THE_STREAM,
    adapters_of_the_api,
    question_of,
    statements_of_the_api,
    text_of,
    words_of,
)
from tests.integration.tenancy.tenancy_fixture import ENDS, TenancyFixture, tenancy

__all__ = ["tenancy"]

ENGINE = EngineIdentity("engine", "arn:")
Intrusion = Callable[[StoreDatabase, TenancyFixture], None]

# All questions that get a caller, by name.
QUESTIONS = {
    **{name: question_of(name, case) for name, case in OF_A_CALLER.items()},
    **{f"{name} by the stream": question_of(name, login="stream") for name in OF_THE_STREAM},
    **{name: function.question() for name, function in functions.OF_A_CALLER.items()},
}


def test_every_statement_of_the_api_has_its_case() -> None:
    known = [*OF_A_CALLER, *ELSEWHERE]
    assert sorted(known) == sorted(statements_of_the_api())


def test_statements_of_other_functions_are_not_run_by_the_api() -> None:
    wrong = [
        f"{adapter.__name__} runs {name}"
        for adapter in adapters_of_the_api()
        for name in ELSEWHERE
        if name.partition(".")[2] in words_of(adapter)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_member_gets_an_answer(tenancy: TenancyFixture, name: str) -> None:
    """Without this test, the next ones could pass with a statement that never finds rows."""
    check_answered(tenancy, name, tenancy.theirs.member)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_machine_gets_the_same_answer_as_a_member(tenancy: TenancyFixture, name: str) -> None:
    check_answered(tenancy, name, tenancy.theirs.token_id)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_member_of_another_organisation_sees_and_changes_nothing(tenancy: TenancyFixture, name: str) -> None:
    check_hidden_from_another_organisation(tenancy, name, tenancy.ours.member)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_machine_of_another_organisation_sees_and_changes_nothing(tenancy: TenancyFixture, name: str) -> None:
    check_hidden_from_another_organisation(tenancy, name, tenancy.ours.token_id)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_user_without_memberships_sees_and_changes_nothing(tenancy: TenancyFixture, name: str) -> None:
    check_refused_to_a_stranger(tenancy, name)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_an_expired_machine_sees_and_changes_nothing(tenancy: TenancyFixture, name: str, end: str) -> None:
    question, organization = QUESTIONS[name], tenancy.former[end]
    rows, changed = tenancy.run(question, organization, organization.token_id)
    assert not changed
    assert question.is_refusal(rows)


def check_answered(tenancy: TenancyFixture, name: str, user_id: str, prepare: str = "") -> None:
    question = QUESTIONS[name]
    rows, changed = tenancy.run(question, tenancy.theirs, user_id, prepare)
    assert changed == question.writes
    assert question.writes or not question.is_refusal(rows)


def check_hidden_from_another_organisation(tenancy: TenancyFixture, name: str, user_id: str, prepare: str = "") -> None:
    rows, changed = tenancy.run(QUESTIONS[name], tenancy.theirs, user_id, prepare)
    assert not changed
    assert not tenancy.theirs.is_mentioned_in(rows)


def check_refused_to_a_stranger(tenancy: TenancyFixture, name: str, prepare: str = "") -> None:
    rows, changed = tenancy.run(QUESTIONS[name], tenancy.theirs, str(uuid.uuid4()), prepare)
    assert not changed
    assert QUESTIONS[name].is_refusal(rows)


# --- statements without a caller --------------------------------------------------------------------------------------


def test_a_machine_is_known_only_by_its_secret(tenancy: TenancyFixture) -> None:
    assert bearer(tenancy, tenancy.ours) == {"id": tenancy.ours.token_id, "live": True}
    assert bearer(tenancy, tenancy.ours, login="stream") == bearer(tenancy, tenancy.ours)
    for secret_hash in (tenancy.theirs.secret_hash, "0" * 64):
        assert bearer(tenancy, tenancy.ours, secret_hash=secret_hash) is None


@pytest.mark.parametrize("end", ENDS)
def test_a_machine_is_known_only_until_its_token_ends(tenancy: TenancyFixture, end: str) -> None:
    former = tenancy.former[end]
    assert bearer(tenancy, former) == {"id": former.token_id, "live": False}


def bearer(tenancy: TenancyFixture, organization: OrganizationFixture, *, login: str = "", **parameters: str) -> Any:
    """The answer to a login about an organisation's service token."""
    function = functions.OF_THE_ENGINE["baton.check_service_token"]
    question = dataclasses.replace(function, case=Case(parameters)).question(login)
    rows, changed = tenancy.run(question, organization, "")
    assert not changed
    return rows[0]["answer"]


def test_the_stream_function_runs_only_its_own_statements() -> None:
    class FakeDatabase:
        def pipeline(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Rows]:
            followed, *others = [text for text, _ in statements]
            assert followed.startswith("select baton.stream_run(")
            assert others == [*map(text_of, OF_THE_STREAM)]
            return [[{"answer": None}], *([] for _ in others)]

    with pytest.raises(NotFound):
        Stream(FakeDatabase())(Principal(str(uuid.uuid4())), str(uuid.uuid4()), after=0, limit=1)


# --- whole boundaries -------------------------------------------------------------------------------------------------


def launch(database: StoreDatabase, tenancy: TenancyFixture) -> None:
    theirs = tenancy.theirs
    Launches(database).insert(
        NewRun(
            str(uuid.uuid4()),
            theirs.organization_id,
            theirs.definition_id,
            tenancy.ours.member,
            ENGINE,
            {},
            {},
            "k",
            "h",
        )
    )


def launch_their_definition_as_ours(database: StoreDatabase, tenancy: TenancyFixture) -> None:
    ours, theirs = tenancy.ours, tenancy.theirs
    Launches(database).insert(
        NewRun(str(uuid.uuid4()), ours.organization_id, theirs.definition_id, ours.member, ENGINE, {}, {}, None, "h")
    )


def fork(database: StoreDatabase, tenancy: TenancyFixture) -> None:
    ours, theirs = tenancy.ours, tenancy.theirs
    Forks(database).insert(
        NewFork(str(uuid.uuid4()), theirs.run_id, "look", ours.definition_id, ours.member, ENGINE, {}, {}, {}, {}, {},
                None, None, "h")
    )  # fmt: skip


@pytest.mark.parametrize("intrude", [launch, launch_their_definition_as_ours, fork])
def test_another_organisations_definitions_and_runs_are_neither_launched_nor_forked(
    tenancy: TenancyFixture, intrude: Intrusion
) -> None:
    before = tenancy.record()
    with closing(StoreDatabase(tenancy.logins["api"])) as database, pytest.raises(Forbidden):
        intrude(database, tenancy)
    assert tenancy.record() == before


@pytest.mark.parametrize(
    "act",
    [
        lambda record, run_id, user_id: record.abort(AbortCommand(run_id, user_id, None)),
        lambda record, run_id, user_id: record.recover(RecoverCommand(run_id, 1, user_id, None, None)),
    ],
    ids=["abort", "recover"],
)
def test_another_organisations_run_cannot_be_recovered(
    tenancy: TenancyFixture, act: Callable[[Recoveries, str, str], ActionResult]
) -> None:
    before = tenancy.record()
    with closing(StoreDatabase(tenancy.logins["api"])) as database:
        acted = act(Recoveries(database), tenancy.theirs.run_id, tenancy.ours.member)
    assert acted == ActionResult(RecoverOutcome.NOT_FOUND, run_status=None, generation=0, effects=())
    assert tenancy.record() == before
