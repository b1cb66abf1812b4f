"""The record's answer about a followed run, with the stream function's own login. Its stream waits for news only while
something other than a person is at work."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from baton.errors import NotFound
from baton.model import Principal
from baton.ports.stream import News
from baton.store.database import Database
from baton.store.stream import Stream
from tests.integration.tenancy.organization import OrganizationFixture, insert_organization

# The organisation's run has one step, `look`, which waits for a person.
RUNS = """update orchestration_runs set status = %(status)s::text, error = null,
  started_at = case when %(status)s <> 'pending' then now() end,
  completed_at = case when %(status)s in ('completed', 'aborted') then now() end where id = %(run_id)s;"""
STEPS = """update orchestration_steps set status = %(status)s::text,
  skip_reason = case %(status)s when 'skipped' then 'aborted' end,
  completed_at = case when %(status)s in ('completed', 'skipped') then now() end where run_id = %(run_id)s;"""
NEXT = """insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, depends_on)
values (%(run_id)s, %(organization_id)s, 'tell', 1, 'a', 'BUILD', '{look}');"""
FREE = """insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode)
values (%(run_id)s, %(organization_id)s, 'tell', 1, 'a', 'BUILD');"""
AT_ITS_GATE = """insert into baton.gate_tokens (run_id, step_id, generation, token, execution)
select id, 'tell', generation, 'a token', 'an execution' from orchestration_runs where id = %(run_id)s;"""
NO_GATE = "delete from baton.gate_tokens where run_id = %(run_id)s;"
OF_AN_EARLIER_EXECUTION = "update orchestration_runs set generation = generation + 1 where id = %(run_id)s;"
NOT_ASKED = "delete from human_approvals where run_id = %(run_id)s;"
CHILD = """insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, root_run_id,
  parent_run_id, parent_step_id, parent_attempt, depth, started_at)
select %(child_id)s, organization_id, definition_id, definition_name, definition_version, owner_agent_slug,
  %(status)s::text, '{}', plan, digest, machine, engine_id, execution_prefix, launched_by, id, id, 'look', 1, 2,
  case when %(status)s <> 'pending' then now() end
from orchestration_runs where id = %(run_id)s;
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, status, outputs,
  started_at)
values (%(child_id)s, %(organization_id)s, 'ask', 0, 'a', 'BUILD', %(step)s, '{}', now());"""
ASKED = """insert into human_approvals (run_id, organization_id, step_id, attempt_number, question, options)
values (%(child_id)s, %(organization_id)s, 'ask', 1, 'Right?', '[]');"""

Follow = Callable[..., News]


@pytest.fixture
def organization(database_url: str) -> OrganizationFixture:
    with psycopg.connect(database_url, row_factory=dict_row) as owner:
        return insert_organization(owner, "ours")


@pytest.fixture
def change(database_url: str, organization: OrganizationFixture) -> Callable[..., None]:
    """A function that runs statements as the database's owner, with the organisation's ids as parameters."""

    def run(statements: str, **values: Any) -> None:
        with psycopg.connect(database_url) as owner:
            for statement in filter(str.strip, statements.split(";")):
                owner.execute(statement.encode(), {**vars(organization), **values})

    return run


@pytest.fixture
def follow(login_url: Callable[[str], str], organization: OrganizationFixture) -> Iterator[Follow]:
    with closing(Database(login_url("stream"))) as database:

        def look(after: int = 0, limit: int = 100, member: str = organization.member) -> News:
            return Stream(database)(Principal(member), organization.run_id, after=after, limit=limit)

        yield look


def test_an_ended_run_has_events_and_nothing_at_work(follow: Follow) -> None:
    news = follow()
    assert (news.status, news.at_work, news.last_sequence) == ("failed", False, 1)
    assert [event["sequence"] for event in news.events] == [1]
    assert follow(after=1).events == []


def test_a_user_who_is_no_member_does_not_find_the_run(
    follow: Follow, change: Callable[..., None], organization: OrganizationFixture
) -> None:
    with pytest.raises(NotFound):
        follow(member=str(uuid.uuid4()))
    change("delete from organization_members where user_id = %(member)s")
    with pytest.raises(NotFound):
        follow()


@pytest.mark.parametrize(
    ("run", "step", "more", "at_work"),
    [
        ("running", "running", "", True),
        ("running", "queued", "", True),  # admitted, or to be tried again
        ("pending", "pending", NO_GATE, True),  # its execution is about to start
        ("running", "checkpoint", NOT_ASKED, True),  # the question is about to be asked
        ("checkpoint", "checkpoint", "", False),
        ("checkpoint", "checkpoint", NEXT, False),  # what comes next depends on the answer
        ("checkpoint", "running", NEXT, True),
        ("running", "completed", NEXT, True),  # the next step is about to begin
        ("running", "skipped", NEXT, True),
        ("checkpoint", "checkpoint", FREE, True),  # beside it, another is about to begin
        ("checkpoint", "checkpoint", FREE + AT_ITS_GATE, False),  # … which has to wait for its place
        ("checkpoint", "checkpoint", FREE + AT_ITS_GATE + OF_AN_EARLIER_EXECUTION, True),
        ("aborted", "running", "", False),
    ],
)
def test_something_is_at_work_unless_the_run_waits_only_for_people(
    follow: Follow, change: Callable[..., None], run: str, step: str, more: str, at_work: bool
) -> None:
    change(RUNS, status=run)
    change(STEPS + more, status=step)
    assert (follow().status, follow().at_work) == (run, at_work)


@pytest.mark.parametrize(
    ("child", "step", "asked", "at_work"),
    [
        ("running", "running", "", True),
        ("pending", "pending", "", True),
        ("checkpoint", "checkpoint", ASKED, False),
        ("running", "checkpoint", "", True),  # about to ask
        ("completed", "completed", "", True),  # the parent is about to collect it
    ],
)
def test_a_run_that_waits_for_a_child_run_is_at_work_if_the_child_is(
    follow: Follow, change: Callable[..., None], child: str, step: str, asked: str, at_work: bool
) -> None:
    child_id = str(uuid.uuid4())
    change(RUNS, status="running")
    change(STEPS, status="running")
    change(NOT_ASKED)
    ended = child == "completed"
    change(CHILD + asked, status="running" if ended else child, step="running" if ended else step, child_id=child_id)
    if ended:
        change(STEPS + RUNS, run_id=child_id, status=child)
    assert follow().at_work == at_work
