"""All pages of a list together have the same rows in the same order as a plain query."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from baton.connection import Row
from baton.model import ApprovalStatus, RunStatus
from baton.ports.reads import Cursor, RunFilter
from baton.store.database import Database as StoreDatabase
from baton.store.reads import Reads
from local.database import Database
from tests.integration.conftest import Server, name_of, new_database
from tests.integration.lists.conftest import id_of, member
from tests.profile import examples

OURS = ("ours", "also-ours")
START = datetime(2026, 11, 1, tzinfo=UTC)
RUNS = 150
PARENTS = (1, 2)
Connection = psycopg.Connection[dict[str, Any]]

ORGANIZATIONS = """
insert into organizations (id, slug, name)
select md5('organization ' || slug)::uuid, slug, slug from unnest(array['ours', 'also-ours', 'theirs']) as slug;

insert into organization_members (organization_id, user_id, roles)
select md5('organization ' || slug)::uuid, md5('member ' || who)::uuid, array[role]
from (values ('ours', 'us', 'approver'), ('also-ours', 'us', 'viewer'), ('theirs', 'them', 'approver'))
  as m (slug, who, role);

insert into orchestration_definitions (id, organization_id, name, version, display_name, owner_agent_slug, source, plan,
  digest)
select md5('definition ' || concat_ws(' ', o.slug, d, version))::uuid, o.id, d, version, d || ' of ' || o.slug, 'boss',
  '', jsonb_build_object('displayName', d || ' of ' || o.slug), 'd'
from organizations o, unnest(array['one', 'two']) as d, unnest(array['1.0.0', '2.0.0']) as version
"""

RUN = """
insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, root_run_id, launched_by,
  created_at, started_at, completed_at, error, parent_run_id, parent_step_id, parent_attempt)
select v.id, o.id, d.id, d.name, d.version, 'boss', status, '{}', d.plan, 'd', 'm', 'e', 'arn:', coalesce(parent, v.id),
  o.id, at, case when status <> 'pending' then at end, case when %(ended)s then at end, %(error)s, parent,
  case when parent is not null then 'step' end, case when parent is not null then %(n)s end
from (values (%(id)s::uuid, %(parent)s::uuid, %(status)s::text, %(at)s::timestamptz)) as v (id, parent, status, at),
  orchestration_definitions d, organizations o
where d.id = %(definition)s and o.slug = %(organization)s
"""

APPROVAL = """
with step as (
  insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode)
  select id, organization_id, 'step', 0, 'a', 'BUILD' from orchestration_runs where id = %(run)s
  returning run_id, organization_id
)
insert into human_approvals (id, run_id, organization_id, step_id, attempt_number, question, options, created_at,
  status, decision, decided_by, decided_at, closed_reason, expires_at, on_timeout)
select %(id)s::uuid, run_id, organization_id, 'step', 1, 'Good?', '[]', at, status,
  case status when 'decided' then 'continue' end, case status when 'decided' then run_id end,
  case when status in ('decided', 'expired') then at end, case status when 'closed' then 'aborted' end,
  case status when 'expired' then at end, case status when 'expired' then 'fail' end
from step, (values (%(status)s::text, %(at)s::timestamptz)) as v (status, at)
"""

# The store's queries in a simple form that need not be fast.
PLAIN_RUNS = """
select r.id, o.slug as organization, r.status, r.definition_id, r.definition_name, r.definition_version,
  r.plan ->> 'displayName' as definition_display_name, r.owner_agent_slug as owner_agent, r.generation, r.error,
  r.launched_by, r.created_at, r.started_at, r.completed_at, r.root_run_id, r.parent_run_id
from orchestration_runs r
join organizations o on o.id = r.organization_id
join organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
where (%(organization)s::text is null or o.slug = %(organization)s)
  and (%(statuses)s::text[] is null or r.status = any (%(statuses)s))
  and (%(definition)s::text is null or r.definition_name = %(definition)s)
  and (%(version)s::text is null or r.definition_version = %(version)s)
  and (%(parent)s::uuid is null or r.parent_run_id = %(parent)s)
  and (%(created_after)s::timestamptz is null or r.created_at >= %(created_after)s)
  and (%(created_before)s::timestamptz is null or r.created_at < %(created_before)s)
order by r.created_at desc, r.id desc
"""

PLAIN_APPROVALS = """
select a.id, a.run_id, o.slug as organization, a.step_id, a.attempt_number, a.status, a.question, a.options, a.decision,
  a.notes, a.modifications, a.decided_by, a.decided_at, a.closed_reason, a.created_at, a.expires_at
from human_approvals a
join organizations o on o.id = a.organization_id
join organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
where (%(organization)s::text is null or o.slug = %(organization)s) and a.status = %(status)s
  and (not %(mine)s or 'approver' = any (m.roles))
order by a.created_at, a.id
"""


def insert_runs(owner: Connection) -> None:
    """Insert random runs of every kind, each with an approval. Many have the same moment; some are child runs."""
    chance = random.Random(7)
    for n in range(RUNS):
        organization = chance.choice([*OURS, "theirs"])
        named = (chance.choice([organization, "global"]), chance.choice(["one", "two"]), chance.choice(["1", "2"]))
        status = chance.choice(list(RunStatus))
        values = {
            "n": n,
            "id": id_of(f"run {n}"),
            "organization": organization,
            "definition": id_of(f"definition {' '.join(named)}.0.0"),
            "status": status,
            "ended": status.ended,
            "error": Jsonb({"type": "Broken", "message": "it failed"}) if status is RunStatus.FAILED else None,
            "parent": id_of(f"run {chance.choice(PARENTS)}") if n > max(PARENTS) and chance.random() < 0.2 else None,
            "at": START + timedelta(minutes=chance.randrange(RUNS // 5)),
        }
        owner.execute(RUN, values)
        status_of_approval = chance.choice(list(ApprovalStatus))
        owner.execute(
            APPROVAL, {**values, "run": values["id"], "id": id_of(f"approval {n}"), "status": status_of_approval}
        )


@dataclass(frozen=True)
class PagesFixture:
    reads: Reads
    owner: Connection


@pytest.fixture(scope="module")
def pages(database_server: Server, template_database: Database) -> Iterator[PagesFixture]:
    with (
        new_database(database_server, name_of(template_database.owner_url)) as owner_url,
        psycopg.connect(owner_url, autocommit=True, row_factory=dict_row) as owner,
        closing(StoreDatabase(database_server.logins(owner_url)["api"])) as api,
    ):
        owner.execute(ORGANIZATIONS.encode())
        insert_runs(owner)
        yield PagesFixture(Reads(api), owner)


def all_pages(read: Callable[[Cursor | None], list[Row]]) -> list[Row]:
    rows = page = read(None)
    while page:
        page = read(Cursor(page[-1]["created_at"], str(page[-1]["id"])))
        rows = rows + page
    return rows


def plain(pages: PagesFixture, query: str, parameters: dict[str, Any]) -> list[Row]:
    """The rows of a query without pages, with ids as text."""
    rows = pages.owner.execute(query, parameters).fetchall()
    return [{name: str(value) if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]


moments = st.none() | st.integers(-1, RUNS // 5 + 1).map(lambda minutes: START + timedelta(minutes=minutes))
organizations = st.sampled_from([None, *OURS])
filters = st.builds(
    RunFilter,
    organization=organizations,
    statuses=st.none() | st.lists(st.sampled_from(RunStatus)),
    definition=st.sampled_from([None, None, "one", "two", "three"]),
    version=st.sampled_from([None, None, "1.0.0", "2.0.0", "3.0.0"]),
    parent=st.sampled_from([None, None, *(id_of(f"run {n}") for n in (*PARENTS, 3))]),
    created_after=moments,
    created_before=moments,
)
limits = st.sampled_from([1, 4, 21])


@settings(max_examples=examples(400))
@given(filters, limits)
def test_the_pages_of_runs(pages: PagesFixture, run_filter: RunFilter, limit: int) -> None:
    us = member("us")
    rows = all_pages(lambda cursor: pages.reads.runs(us, run_filter, cursor=cursor, limit=limit))
    assert rows == plain(pages, PLAIN_RUNS, {**vars(run_filter), "user_id": us.user_id})


@given(organizations, st.sampled_from(ApprovalStatus), st.booleans(), limits)
def test_the_pages_of_approvals(
    pages: PagesFixture, organization: str | None, status: ApprovalStatus, mine: bool, limit: int
) -> None:
    us = member("us")
    rows = all_pages(
        lambda cursor: pages.reads.approvals(
            us, organization=organization, status=status, mine=mine, cursor=cursor, limit=limit
        )
    )
    parameters = {"organization": organization, "status": status, "mine": mine, "user_id": us.user_id}
    assert rows == plain(pages, PLAIN_APPROVALS, parameters)


def test_a_cursor_outside_of_the_range_does_not_widen_it(pages: PagesFixture) -> None:
    """A page obeys both the range and the cursor. A cursor of the API is always within the range."""
    run_filter = RunFilter(created_before=START + timedelta(minutes=5))
    later = Cursor(START + timedelta(minutes=20), id_of("run 1"))
    first = pages.reads.runs(member("us"), run_filter, limit=21)
    assert first != []
    assert pages.reads.runs(member("us"), run_filter, cursor=later, limit=21) == first
