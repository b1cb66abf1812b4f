"""The API's reads on a real Postgres, with the API's own login."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from baton.api.views.approvals import approval
from baton.api.views.library import definition
from baton.api.views.runs import run as run_view
from baton.api.views.runs import run_status
from baton.errors import NotFound
from baton.model import Principal, RunStatus
from baton.ports.reads import Cursor, RunFilter
from baton.store.database import Database
from baton.store.reads import Reads
from tests.integration.inserts import insert_copy_of_run
from tests.integration.tenancy.organization import OrganizationFixture

STEP = {"type": "agent", "mode": "BUILD"}
PLAN = {
    "format": 1,
    "name": "review",
    "displayName": "Review",
    "parameters": [],
    "constraints": [],
    "steps": [
        {**STEP, "id": "look", "index": 0, "name": "Look", "agent": "a", "dependsOn": []},
        {**STEP, "id": "tell", "index": 1, "name": "Tell", "agent": "b", "dependsOn": ["look"]},
    ],
}


def insert_waiting_run(connection: psycopg.Connection[Any], slug: str) -> OrganizationFixture:
    """Insert an organisation with one viewer, one definition, and one run that waits at its checkpoint."""
    organization = OrganizationFixture(slug)
    values = {**vars(organization), "plan": Jsonb(PLAN)}
    for statement in (
        "insert into organizations (id, slug, name) values (%(organization_id)s, %(slug)s, %(slug)s)",
        "insert into organization_members values (%(organization_id)s, %(member)s, array['viewer'])",
        "insert into orchestration_definitions"
        " (id, organization_id, name, version, display_name, owner_agent_slug, source, plan, digest)"
        " values (%(definition_id)s, %(organization_id)s, 'review', '1.0.0', 'Review', 'boss', '', %(plan)s, 'd')",
        "insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,"
        " owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by,"
        " root_run_id, started_at)"
        " values (%(run_id)s, %(organization_id)s, %(definition_id)s, 'review', '1.0.0', 'boss', 'checkpoint',"
        " '{\"rate\": 0.1000000000000000055}', %(plan)s, 'd', 'm', 'e', 'arn:', %(member)s, %(run_id)s, now())",
        "insert into baton.executions (run_id, generation, arn)"
        " select id, 1, 'arn:aws:states:us-east-1:123456789012:execution:m:' || id || '-1' from orchestration_runs"
        " where id = %(run_id)s",
        "insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, depends_on,"
        " status, outputs, started_at) values"
        " (%(run_id)s, %(organization_id)s, 'look', 0, 'a', 'BUILD', '{}', 'checkpoint', '{\"rows\": 3}', now()),"
        " (%(run_id)s, %(organization_id)s, 'tell', 1, 'b', 'BUILD', '{look}', 'pending', null, null)",
        "insert into human_approvals (id, run_id, organization_id, step_id, attempt_number, question, options)"
        " values (%(approval_id)s, %(run_id)s, %(organization_id)s, 'look', 1, 'Right?', '[]')",
        "insert into deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format,"
        " title, content) values (%(deliverable_id)s, %(run_id)s, %(organization_id)s, 'look', 1, 'a', 'analysis',"
        " 'json', 'Data', '[]')",
    ):
        connection.execute(statement, values)
    return organization


@dataclass(frozen=True)
class ReadsFixture:
    ours: OrganizationFixture
    theirs: OrganizationFixture
    reads: Reads
    owner: psycopg.Connection[Any]


@pytest.fixture
def reads_fixture(database_url: str, login_url: Callable[[str], str]) -> Iterator[ReadsFixture]:
    with (
        psycopg.connect(database_url, autocommit=True) as owner,
        closing(Database(login_url("api"))) as api,
    ):
        yield ReadsFixture(insert_waiting_run(owner, "ours"), insert_waiting_run(owner, "theirs"), Reads(api), owner)


def test_a_viewer_reads_the_runs_of_their_organisation(reads_fixture: ReadsFixture) -> None:
    ours, reads = reads_fixture.ours, reads_fixture.reads

    run = run_view(reads.run(ours.caller, ours.run_id))

    assert run["organization"] == "ours"
    assert run["definition"]["displayName"] == "Review"
    assert [(step["name"], step["status"]) for step in run["steps"]] == [("Look", "checkpoint"), ("Tell", "pending")]
    assert run["readySteps"] == []
    assert str(run["pendingApprovals"][0]["id"]) == ours.approval_id
    assert run["pendingApprovals"][0]["data"]["outputs"] == {"rows": 3}
    assert str(run["deliverables"][0]["id"]) == ours.deliverable_id
    assert run_status(reads.run_status(ours.caller, ours.run_id))["status"] == "checkpoint"
    assert reads.deliverable(ours.caller, ours.deliverable_id)["content"] == "[]"
    deliverable = approval(reads.approval(ours.caller, ours.approval_id))["data"]["deliverable"]
    assert deliverable is not None
    assert deliverable["content"] == "[]"


def test_a_step_after_a_skipped_step_is_ready(reads_fixture: ReadsFixture) -> None:
    ours = reads_fixture.ours
    reads_fixture.owner.execute(
        "update orchestration_steps set status = 'skipped', skip_reason = 'skipped', completed_at = now()"
        " where run_id = %s and step_id = 'look'",
        [ours.run_id],
    )
    assert run_view(reads_fixture.reads.run(ours.caller, ours.run_id))["readySteps"] == ["tell"]


def test_numbers_keep_their_digits(reads_fixture: ReadsFixture) -> None:
    run = reads_fixture.reads.run(reads_fixture.ours.caller, reads_fixture.ours.run_id)

    assert str(run["parameters"]["rate"]) == "0.1000000000000000055"


@pytest.mark.parametrize(
    "read",
    [
        lambda reads, caller, organization: reads.run(caller, organization.run_id),
        lambda reads, caller, organization: reads.run_status(caller, organization.run_id),
        lambda reads, caller, organization: reads.events(caller, organization.run_id),
        lambda reads, caller, organization: reads.approval(caller, organization.approval_id),
        lambda reads, caller, organization: reads.deliverable(caller, organization.deliverable_id),
        lambda reads, caller, organization: reads.runs(caller, RunFilter(organization=organization.slug)),
        lambda reads, caller, organization: reads.approvals(caller, organization=organization.slug),
        lambda reads, caller, organization: reads.definitions(caller, organization=organization.slug),
    ],
    ids=["run", "status", "events", "approval", "deliverable", "runs", "approvals", "definitions"],
)
def test_rows_of_another_organisation_do_not_exist(
    reads_fixture: ReadsFixture, read: Callable[[Reads, Principal, OrganizationFixture], Any]
) -> None:
    read(reads_fixture.reads, reads_fixture.theirs.caller, reads_fixture.theirs)

    with pytest.raises(NotFound):
        read(reads_fixture.reads, reads_fixture.ours.caller, reads_fixture.theirs)


def test_lists_contain_only_rows_of_the_callers_organisations(reads_fixture: ReadsFixture) -> None:
    ours, reads = reads_fixture.ours, reads_fixture.reads

    assert [str(row["id"]) for row in reads.runs(ours.caller)] == [ours.run_id]
    assert [str(row["id"]) for row in reads.approvals(ours.caller)] == [ours.approval_id]
    definitions = {(row["organization"], row["name"]) for row in reads.definitions(ours.caller)}
    assert ("ours", "review") in definitions
    assert ("theirs", "review") not in definitions


def test_a_user_without_an_organisation_sees_nothing(reads_fixture: ReadsFixture) -> None:
    stranger = Principal(str(uuid.uuid4()))

    assert reads_fixture.reads.runs(stranger) == []
    assert reads_fixture.reads.approvals(stranger) == []
    assert reads_fixture.reads.definitions(stranger) == []


def test_runs_come_newest_first_and_page_by_page(reads_fixture: ReadsFixture) -> None:
    ours, reads = reads_fixture.ours, reads_fixture.reads
    for minutes in (1, 2):
        new_id, at = f"'{uuid.uuid4()}'", f"created_at + make_interval(mins => {minutes})"
        insert_copy_of_run(reads_fixture.owner, ours.run_id, id=new_id, root_run_id=new_id, created_at=at)

    first = reads.runs(ours.caller, limit=2)
    second = reads.runs(ours.caller, limit=2, cursor=Cursor(first[-1]["created_at"], str(first[-1]["id"])))

    moments = [row["created_at"] for row in first + second]
    assert len(moments) == 3
    assert moments == sorted(moments, reverse=True)
    assert str(second[0]["id"]) == ours.run_id


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (RunFilter(statuses=[RunStatus.CHECKPOINT, RunStatus.RUNNING]), True),
        (RunFilter(statuses=[RunStatus.FAILED]), False),
        (RunFilter(statuses=[]), False),
        (RunFilter(definition="review", version="1.0.0"), True),
        (RunFilter(definition="review", version="1.0.1"), False),
        (RunFilter(parent=str(uuid.UUID(int=1))), False),
        (RunFilter(created_after=datetime(2026, 1, 1, tzinfo=UTC)), True),
        (RunFilter(created_before=datetime(2026, 1, 1, tzinfo=UTC)), False),
    ],
    ids=str,
)
def test_a_filter_selects_runs(reads_fixture: ReadsFixture, filters: RunFilter, expected: bool) -> None:
    assert bool(reads_fixture.reads.runs(reads_fixture.ours.caller, filters)) == expected


def test_approvals_have_pages_and_mine_selects_those_that_the_caller_may_decide(reads_fixture: ReadsFixture) -> None:
    ours, reads = reads_fixture.ours, reads_fixture.reads
    (row,) = reads.approvals(ours.caller)

    assert reads.approvals(ours.caller, cursor=Cursor(row["created_at"], str(row["id"]))) == []
    assert reads.approvals(ours.caller, mine=True) == []
    reads_fixture.owner.execute(
        "update organization_members set roles = array['approver'] where user_id = %s", (ours.caller.user_id,)
    )
    assert [line["id"] for line in reads.approvals(ours.caller, mine=True)] == [row["id"]]


def test_a_run_has_its_attempts_reviews_children_and_times(reads_fixture: ReadsFixture) -> None:
    ours = reads_fixture.ours
    reads_fixture.owner.execute(
        "insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status,"
        " attempt_key, delivery_id, generation, lease_until)"
        " values (%s, 'look', 1, %s, 'running', 'k', gen_random_uuid(), 1, now())",
        (ours.run_id, ours.organization_id),
    )
    below = {"parent_run_id": "id", "parent_step_id": "'tell'", "parent_attempt": "1", "depth": "2"}
    insert_copy_of_run(reads_fixture.owner, ours.run_id, id="gen_random_uuid()", **below)
    reads_fixture.owner.execute(
        "update human_approvals set status = 'decided', decision = 'continue', decided_by = gen_random_uuid(),"
        " decided_at = created_at + interval '90 seconds' where id = %s",
        (ours.approval_id,),
    )

    run = run_view(reads_fixture.reads.run(ours.caller, ours.run_id))

    assert [(step["id"], len(step["attempts"])) for step in run["steps"]] == [("look", 1), ("tell", 0)]
    assert run["pendingApprovals"] == []
    assert [line["decision"] for line in run["approvals"]] == ["continue"]
    assert [(child["stepId"], child["definition"]["name"]) for child in run["children"]] == [("tell", "review")]
    assert run["timings"]["reviewSeconds"] == 90
    assert run["timings"]["totalSeconds"] >= run["timings"]["queuedSeconds"] >= 0
    (line,) = reads_fixture.reads.runs(ours.caller, RunFilter(parent=ours.run_id))
    assert str(line["parent_run_id"]) == ours.run_id


def test_an_archived_version_is_found_only_by_its_number(reads_fixture: ReadsFixture) -> None:
    ours, reads = reads_fixture.ours, reads_fixture.reads
    reads_fixture.owner.execute(
        "update orchestration_definitions set archived_at = now() where id = %s", (ours.definition_id,)
    )

    assert reads.definition(ours.caller, "review", version="1.0.0")["archived_at"] is not None
    assert [row["version"] for row in reads.versions(ours.caller, "review")] == ["1.0.0"]
    assert "review" not in {row["name"] for row in reads.definitions(ours.caller)}
    with pytest.raises(NotFound):
        reads.definition(ours.caller, "review")


def test_outputs_of_a_later_attempt_are_not_shown_with_an_older_approval(reads_fixture: ReadsFixture) -> None:
    ours = reads_fixture.ours
    reads_fixture.owner.execute("update orchestration_steps set attempt_number = 2 where run_id = %s", (ours.run_id,))

    row = reads_fixture.reads.approval(ours.caller, ours.approval_id)

    assert row["outputs"] is None
    assert str(row["deliverable"]["id"]) == ours.deliverable_id


def test_an_organisations_own_definition_comes_before_the_shared_one_and_its_newest_version_first(
    reads_fixture: ReadsFixture,
) -> None:
    for organization, version in (("global", "9.0.0"), ("ours", "1.10.0"), ("ours", "1.9.0")):
        reads_fixture.owner.execute(
            "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
            " source, plan, digest) select id, 'review', %s, 'Review', 'boss', '', %s, 'd'"
            " from organizations where slug = %s",
            (version, Jsonb(PLAN), organization),
        )

    ours = reads_fixture.reads.definition(reads_fixture.ours.caller, "review")
    theirs = reads_fixture.reads.definition(reads_fixture.theirs.caller, "review")

    assert (ours["organization"], ours["version"]) == ("ours", "1.10.0")
    assert (theirs["organization"], theirs["version"]) == ("theirs", "1.0.0")
    assert definition(ours)["steps"][1]["dependsOn"] == ["look"]
