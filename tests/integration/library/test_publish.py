"""Publishing definitions, on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from baton.errors import Conflict, EngineUnavailable, Forbidden, Invalid, NotFound
from baton.plan import PlanUnreadable
from baton.store.database import Database
from baton.store.runs import Launches
from baton.usecases.library import ArchiveRequest, PublishRequest, PublishResult

from .publishing_fixture import HELLO, PublishingFixture, problems


def test_a_definition_is_published_with_its_machine(acme_with_agents: PublishingFixture) -> None:
    result = acme_with_agents.definition()

    assert result.created
    assert result.stored.machine.startswith(f"x-{result.stored.plan.name[:24]}-1-0-0-")
    assert acme_with_agents.machines.names == [result.stored.machine]
    (row,) = acme_with_agents.rows("select * from orchestration_definitions where name = 'hello'")
    assert (row["version"], row["source"], row["owner_agent_slug"]) == ("1.0.0", HELLO, "hello-desk")
    assert str(row["published_by"]) == acme_with_agents.admin.user_id


def test_the_same_version_again_gets_the_same_answer(acme_with_agents: PublishingFixture) -> None:
    first = acme_with_agents.definition()
    second_result = acme_with_agents.definition()
    assert not second_result.created
    assert second_result.stored == first.stored


def test_a_changed_comment_is_the_same_content(acme_with_agents: PublishingFixture) -> None:
    first = acme_with_agents.definition()
    assert acme_with_agents.definition("# of no weight\n" + HELLO).stored == first.stored


def test_a_version_never_changes(acme_with_agents: PublishingFixture) -> None:
    acme_with_agents.definition()
    with pytest.raises(Conflict, match=r"^the version 1\.0\.0 of hello .* raise metadata\.version"):
        acme_with_agents.definition(HELLO.replace("Shall this", "May this"))
    assert acme_with_agents.definition(HELLO.replace("1.0.0", "1.0.1").replace("Shall this", "May this")).created


def test_an_archived_version_cannot_be_launched_and_the_one_before_is_the_newest(
    acme_with_agents: PublishingFixture,
) -> None:
    acme_with_agents.definition()
    newer = HELLO.replace("version: 1.0.0", "version: 1.1.0")
    assert acme_with_agents.definition(newer).stored.plan.version == "1.1.0"
    launches, operator = Launches(acme_with_agents.database), acme_with_agents.member("operator")

    archived = acme_with_agents.library.archive(acme_with_agents.admin, ArchiveRequest("acme", "hello", "1.1.0"))

    def launchable(version: str | None) -> str | None:
        context = launches.context(
            user_id=operator.user_id,
            organization="acme",
            agent=None,
            orchestration="hello",
            version=version,
            shared_only=False,
            idempotency_key=None,
            callback_url=None,
        )
        return context.plan.version if context and context.plan else None

    assert archived.archived_at is not None
    assert (launchable("1.1.0"), launchable(None), launchable("1.0.0")) == (None, "1.0.0", "1.0.0")
    second_result = acme_with_agents.library.archive(acme_with_agents.admin, ArchiveRequest("acme", "hello", "1.1.0"))
    assert second_result == archived, "a second call changes nothing"
    assert not acme_with_agents.definition(newer).created, "the version cannot be used again"


def test_archiving_needs_an_admin_and_a_version_of_the_organisation(acme_with_agents: PublishingFixture) -> None:
    acme_with_agents.definition()

    with pytest.raises(Forbidden):
        acme_with_agents.library.archive(acme_with_agents.member("operator"), ArchiveRequest("acme", "hello", "1.0.0"))
    for name, version in (("hello", "3.0.0"), ("kpi-tracking", "1.0.0")):
        with pytest.raises(NotFound, match=f"^there is no orchestration {name} {version} of acme itself"):
            acme_with_agents.library.archive(acme_with_agents.admin, ArchiveRequest("acme", name, version))
    assert not acme_with_agents.rows("select from orchestration_definitions where archived_at is not null")


def test_many_simultaneous_publications_create_one_version(acme_with_agents: PublishingFixture) -> None:
    def publish(_: int) -> PublishResult[Any]:
        with closing(Database(acme_with_agents.api_url)) as own:
            return acme_with_agents.manage_library(own).definition(
                acme_with_agents.admin, PublishRequest("acme", HELLO)
            )

    with ThreadPoolExecutor(8) as pool:
        result = list(pool.map(publish, range(16)))
    assert sum(one.created for one in result) == 1
    assert len({one.stored.id for one in result}) == 1


def test_without_its_machine_a_definition_is_not_published(acme_with_agents: PublishingFixture) -> None:
    acme_with_agents.machines.fails = True
    with pytest.raises(EngineUnavailable):
        acme_with_agents.definition()
    assert acme_with_agents.rows("select from orchestration_definitions where name = 'hello'") == []


def test_a_bundled_definition_runs_on_the_machine_of_its_name(acme: PublishingFixture) -> None:
    (row,) = acme.rows(
        "select machine from orchestration_definitions where name = 'kpi-tracking' and version = '1.0.0'"
    )
    assert row["machine"] == "kpi-tracking"


@pytest.mark.parametrize("roles", [("viewer",), ("operator", "approver")])
def test_publishing_needs_an_admin(acme_with_agents: PublishingFixture, roles: tuple[str, ...]) -> None:
    member = acme_with_agents.member(*roles)
    for publish in (acme_with_agents.definition, acme_with_agents.agent):
        with pytest.raises(Forbidden):
            publish(by=member)


def test_publishing_in_another_organisation_is_not_found(acme_with_agents: PublishingFixture) -> None:
    for organization in ("demo", "global", "nowhere"):
        with pytest.raises(NotFound):
            acme_with_agents.definition(organization=organization)
        with pytest.raises(NotFound):
            acme_with_agents.agent(organization=organization)


def test_a_published_agent_cannot_be_used_by_another_organisation(acme_with_agents: PublishingFixture) -> None:
    neighbour = acme_with_agents.member("admin", organization="demo")
    with pytest.raises(Invalid) as raised:
        acme_with_agents.definition(by=neighbour, organization="demo")
    assert [message for _, message in problems(raised)] == [
        "no orchestrator that demo can use lists `hello` in its `orchestrations`; publish one first",
        "the agent `hello-agent` is neither in demo nor in global",
    ]


def test_every_problem_is_reported_with_its_place(acme_with_agents: PublishingFixture) -> None:
    wrong = HELLO.replace("hello-agent", "hallo-agent").replace("name: hello\n", "name: helo\n")
    with pytest.raises(Invalid) as raised:
        acme_with_agents.definition(wrong)
    lines = wrong.splitlines()
    assert [lines[line - 1].strip() for line, _ in problems(raised)] == ["name: helo", "agent: hallo-agent"]
    assert raised.value.problems[1].suggestion == "hello-agent"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1.0.0", '"1.0"', "version:"),
        ("type: string", "type: strin", "type: strin"),
        ("{{ who }}.", "{{ whom }}.", "userMessage"),
        ("Greet {{", '"\\0 {{', "userMessage"),
        ("retry_count: 2", "retry_count: 2e400", "retry_count"),
        ("retry_count: 2", "retry_count: " + "9" * 5000, "retry_count"),
        ("Shall this greeting go out?", "q" * 100_000, "question:"),
        ("Send it", "l" * 100_000, "label:"),
    ],
)
def test_a_faulty_source_is_refused_with_the_line_of_the_fault(
    acme_with_agents: PublishingFixture, old: str, new: str, line: str
) -> None:
    wrong = HELLO.replace(old, new)
    if "\\0" in new:
        wrong = wrong.replace("who }}.", 'who }}."')
    with pytest.raises(Invalid) as raised:
        acme_with_agents.definition(wrong)
    ((at, _),) = problems(raised)
    assert line in wrong.splitlines()[at - 1]


def test_an_unreadable_source_is_refused(acme_with_agents: PublishingFixture) -> None:
    for source in ("", "[", "- a", "metadata: &a {}\nagent: *a", "\x00"):
        with pytest.raises(Invalid):
            acme_with_agents.definition(source)
        with pytest.raises(Invalid):
            acme_with_agents.agent(source)


def test_a_plan_that_this_code_cannot_read_stops_definitions_and_no_agents(acme_with_agents: PublishingFixture) -> None:
    acme_with_agents.definition()
    acme_with_agents.rows(
        "update orchestration_definitions set plan = plan || '{\"format\": 99}' where name = 'hello' returning id"
    )
    assert not acme_with_agents.agent().created
    with pytest.raises(PlanUnreadable, match="has format 99"):
        acme_with_agents.definition(HELLO.replace("version: 1.0.0", "version: 1.0.1"))
