"""What the API reads, against a real Postgres, as the API's own login."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
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
from baton.model import Principal
from baton.ports.reads import Cursor, RunFilter
from baton.store.database import Database
from baton.store.reads import Reads

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


@dataclass
class House:
    """An organisation with one viewer, one definition, and one run that waits at its checkpoint."""

    slug: str
    viewer: Principal = field(default_factory=lambda: Principal(str(uuid.uuid4())))
    organization_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    definition_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    approval_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    deliverable_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def build_house(connection: psycopg.Connection[Any], slug: str) -> House:
    house = House(slug)
    values = {**vars(house), "user_id": house.viewer.user_id, "plan": Jsonb(PLAN), "parameters": Jsonb({"rate": 1})}
    for statement in (
        "insert into organizations (id, slug, name) values (%(organization_id)s, %(slug)s, %(slug)s)",
        "insert into organization_members values (%(organization_id)s, %(user_id)s, array['viewer'])",
        "insert into orchestration_definitions"
        " (id, organization_id, name, version, display_name, owner_agent_slug, source, plan, digest)"
        " values (%(definition_id)s, %(organization_id)s, 'review', '1.0.0', 'Review', 'boss', '', %(plan)s, 'd')",
        "insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,"
        " owner_agent_slug, status, parameters, plan, digest, machine, engine_id, launched_by, root_run_id, started_at)"
        " values (%(run_id)s, %(organization_id)s, %(definition_id)s, 'review', '1.0.0', 'boss', 'checkpoint',"
        " '{\"rate\": 0.1000000000000000055}', %(plan)s, 'd', 'm', 'e', %(user_id)s, %(run_id)s, now())",
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
    return house


@dataclass(frozen=True)
class Street:
    ours: House
    theirs: House
    reads: Reads
    owner: psycopg.Connection[Any]


@pytest.fixture
def street(database_url: str, login_url: Callable[[str], str]) -> Iterator[Street]:
    with (
        psycopg.connect(database_url, autocommit=True) as owner,
        closing(Database(login_url("api"))) as api,
    ):
        yield Street(build_house(owner, "ours"), build_house(owner, "theirs"), Reads(api), owner)


def test_a_viewer_reads_what_their_organisation_owns(street: Street) -> None:
    ours, reads = street.ours, street.reads

    run = run_view(reads.run(ours.viewer, ours.run_id))

    assert run["organization"] == "ours"
    assert run["definition"]["displayName"] == "Review"
    assert [(step["name"], step["status"]) for step in run["steps"]] == [("Look", "checkpoint"), ("Tell", "pending")]
    assert run["readySteps"] == []
    assert str(run["pendingApprovals"][0]["id"]) == ours.approval_id
    assert run["pendingApprovals"][0]["data"]["outputs"] == {"rows": 3}
    assert str(run["deliverables"][0]["id"]) == ours.deliverable_id
    assert run_status(reads.run_status(ours.viewer, ours.run_id))["status"] == "checkpoint"
    assert reads.deliverable(ours.viewer, ours.deliverable_id)["content"] == "[]"
    deliverable = approval(reads.approval(ours.viewer, ours.approval_id))["data"]["deliverable"]
    assert deliverable is not None
    assert deliverable["content"] == "[]"


def test_what_follows_a_skipped_step_is_ready(street: Street) -> None:
    ours = street.ours
    street.owner.execute(
        "update orchestration_steps set status = 'skipped', completed_at = now()"
        " where run_id = %s and step_id = 'look'",
        [ours.run_id],
    )
    assert run_view(street.reads.run(ours.viewer, ours.run_id))["readySteps"] == ["tell"]


def test_numbers_are_read_digit_by_digit(street: Street) -> None:
    run = street.reads.run(street.ours.viewer, street.ours.run_id)

    assert str(run["parameters"]["rate"]) == "0.1000000000000000055"


@pytest.mark.parametrize(
    "read",
    [
        lambda reads, caller, house: reads.run(caller, house.run_id),
        lambda reads, caller, house: reads.run_status(caller, house.run_id),
        lambda reads, caller, house: reads.events(caller, house.run_id),
        lambda reads, caller, house: reads.approval(caller, house.approval_id),
        lambda reads, caller, house: reads.deliverable(caller, house.deliverable_id),
        lambda reads, caller, house: reads.runs(caller, RunFilter(organization=house.slug)),
        lambda reads, caller, house: reads.approvals(caller, organization=house.slug),
        lambda reads, caller, house: reads.definitions(caller, organization=house.slug),
    ],
    ids=["run", "status", "events", "approval", "deliverable", "runs", "approvals", "definitions"],
)
def test_what_another_organisation_owns_does_not_exist(
    street: Street, read: Callable[[Reads, Principal, House], Any]
) -> None:
    read(street.reads, street.theirs.viewer, street.theirs)

    with pytest.raises(NotFound):
        read(street.reads, street.ours.viewer, street.theirs)


def test_lists_hold_only_what_the_callers_organisations_own(street: Street) -> None:
    ours, reads = street.ours, street.reads

    assert [str(row["id"]) for row in reads.runs(ours.viewer)] == [ours.run_id]
    assert [str(row["id"]) for row in reads.approvals(ours.viewer)] == [ours.approval_id]
    definitions = {(row["organization"], row["name"]) for row in reads.definitions(ours.viewer)}
    assert ("ours", "review") in definitions
    assert ("theirs", "review") not in definitions


def test_whoever_is_a_member_of_nothing_sees_nothing(street: Street) -> None:
    stranger = Principal(str(uuid.uuid4()))

    assert street.reads.runs(stranger) == []
    assert street.reads.approvals(stranger) == []
    assert street.reads.definitions(stranger) == []


def test_runs_come_newest_first_and_page_by_page(street: Street) -> None:
    ours, reads = street.ours, street.reads
    for minutes in (1, 2):
        street.owner.execute(
            "insert into orchestration_runs select (jsonb_populate_record(r, jsonb_build_object("
            "'id', new.id, 'root_run_id', new.id, 'created_at', r.created_at + make_interval(mins => %s)))).*"
            " from orchestration_runs r, gen_random_uuid() as new (id) where r.id = %s",
            (minutes, ours.run_id),
        )

    first = reads.runs(ours.viewer, limit=2)
    second = reads.runs(ours.viewer, limit=2, cursor=Cursor(first[-1]["created_at"], str(first[-1]["id"])))

    moments = [row["created_at"] for row in first + second]
    assert len(moments) == 3
    assert moments == sorted(moments, reverse=True)
    assert str(second[0]["id"]) == ours.run_id


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        (RunFilter(statuses=["checkpoint", "running"]), True),
        (RunFilter(statuses=["failed"]), False),
        (RunFilter(statuses=[]), False),
        (RunFilter(definition="review", version="1.0.0"), True),
        (RunFilter(definition="review", version="1.0.1"), False),
        (RunFilter(parent=str(uuid.UUID(int=1))), False),
        (RunFilter(created_after=datetime(2026, 1, 1, tzinfo=UTC)), True),
        (RunFilter(created_before=datetime(2026, 1, 1, tzinfo=UTC)), False),
    ],
    ids=str,
)
def test_runs_are_narrowed(street: Street, narrowed: RunFilter, found: bool) -> None:
    assert bool(street.reads.runs(street.ours.viewer, narrowed)) == found


def test_approvals_page_by_page_and_only_those_that_one_may_decide(street: Street) -> None:
    ours, reads = street.ours, street.reads
    (row,) = reads.approvals(ours.viewer)

    assert reads.approvals(ours.viewer, cursor=Cursor(row["created_at"], str(row["id"]))) == []
    assert reads.approvals(ours.viewer, mine=True) == []
    street.owner.execute(
        "update organization_members set roles = array['approver'] where user_id = %s", (ours.viewer.user_id,)
    )
    assert [found["id"] for found in reads.approvals(ours.viewer, mine=True)] == [row["id"]]


def test_a_run_tells_its_attempts_reviews_children_and_times(street: Street) -> None:
    ours = street.ours
    street.owner.execute(
        "insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status,"
        " attempt_key, delivery_id, generation, lease_until)"
        " values (%s, 'look', 1, %s, 'running', 'k', gen_random_uuid(), 1, now())",
        (ours.run_id, ours.organization_id),
    )
    street.owner.execute(
        "insert into orchestration_runs select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),"
        " 'parent_run_id', r.id, 'parent_step_id', 'tell', 'parent_attempt', 1, 'depth', 2))).*"
        " from orchestration_runs r where r.id = %s",
        (ours.run_id,),
    )
    street.owner.execute(
        "update human_approvals set status = 'decided', decision = 'continue', decided_by = gen_random_uuid(),"
        " decided_at = created_at + interval '90 seconds' where id = %s",
        (ours.approval_id,),
    )

    run = run_view(street.reads.run(ours.viewer, ours.run_id))

    assert [(step["id"], len(step["attempts"])) for step in run["steps"]] == [("look", 1), ("tell", 0)]
    assert run["pendingApprovals"] == []
    assert [found["decision"] for found in run["approvals"]] == ["continue"]
    assert [(child["stepId"], child["definition"]["name"]) for child in run["children"]] == [("tell", "review")]
    assert run["timings"]["reviewSeconds"] == 90
    assert run["timings"]["totalSeconds"] >= run["timings"]["queuedSeconds"] >= 0
    (line,) = street.reads.runs(ours.viewer, RunFilter(parent=ours.run_id))
    assert str(line["parent_run_id"]) == ours.run_id


def test_an_archived_version_is_there_for_those_who_name_it(street: Street) -> None:
    ours, reads = street.ours, street.reads
    street.owner.execute(
        "update orchestration_definitions set archived_at = now() where id = %s", (ours.definition_id,)
    )

    assert reads.definition(ours.viewer, "review", version="1.0.0")["archived_at"] is not None
    assert [row["version"] for row in reads.versions(ours.viewer, "review")] == ["1.0.0"]
    assert "review" not in {row["name"] for row in reads.definitions(ours.viewer)}
    with pytest.raises(NotFound):
        reads.definition(ours.viewer, "review")


def test_outputs_of_a_later_attempt_are_not_shown_with_an_older_approval(street: Street) -> None:
    ours = street.ours
    street.owner.execute("update orchestration_steps set attempt_number = 2 where run_id = %s", (ours.run_id,))

    row = street.reads.approval(ours.viewer, ours.approval_id)

    assert row["outputs"] is None
    assert str(row["deliverable"]["id"]) == ours.deliverable_id


def test_an_organisations_own_definition_comes_before_the_shared_one_and_its_newest_version_first(
    street: Street,
) -> None:
    for organization, version in (("global", "9.0.0"), ("ours", "1.10.0"), ("ours", "1.9.0")):
        street.owner.execute(
            "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
            " source, plan, digest) select id, 'review', %s, 'Review', 'boss', '', %s, 'd'"
            " from organizations where slug = %s",
            (version, Jsonb(PLAN), organization),
        )

    ours = street.reads.definition(street.ours.viewer, "review")
    theirs = street.reads.definition(street.theirs.viewer, "review")

    assert (ours["organization"], ours["version"]) == ("ours", "1.10.0")
    assert (theirs["organization"], theirs["version"]) == ("theirs", "1.0.0")
    assert definition(ours)["steps"][1]["dependsOn"] == ["look"]
