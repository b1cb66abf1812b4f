"""The cost of lists among 100,000 runs: with every filter, a list reads about as many rows as it returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from baton.model import ApprovalStatus
from baton.ports.reads import Cursor, RunFilter
from local.database import Database
from tests.integration.lists.conftest import NEWEST, ListsFixture, id_of, member, moment_of

MAX_BUFFERS = 200
MAX_BUFFERS_OF_ORGANIZATION = 100  # for a member of many organisations
BIG = {
    "orchestration_runs", "orchestration_steps", "orchestration_step_attempts", "orchestration_events",
    "human_approvals", "deliverables", "outbox",
}  # fmt: skip

KEYS_OF_A_RUN = {
    "id", "organization_id", "definition_id", "definition_name", "root_run_id", "parent_run_id", "parent_step_id",
    "parent_attempt", "forked_from_run_id", "created_at",
}  # fmt: skip

MEMBERS = ("busy", "small", "empty")
STATUSES = {
    "any status": None,
    "completed": ["completed"],
    "failed": ["failed"],
    "a status that no run has": ["aborted"],
    "open": ["pending", "running", "checkpoint"],
    "ended": ["completed", "failed", "aborted"],
}
DEFINITIONS = {
    "any definition": None,
    "the usual definition": "review",
    "the one of the oldest runs": "rare",
    "one without runs": "unused",
}
VERSIONS = {"any version": None, "the usual version": "1.9.0", "a version without runs": "1.8.0"}
RANGES: Mapping[str, Mapping[str, Any]] = {
    "any time": {},
    "the middle": {"created_after": moment_of(60_000), "created_before": moment_of(39_000)},
    "the future": {"created_after": NEWEST + timedelta(days=1)},
}
PLACES = {
    "first page": None,
    "page in the middle": Cursor(moment_of(40_000), id_of("run 40000")),
    "last page": Cursor(moment_of(99_990), id_of("run 99990")),
}
NAMED = {
    f"{statuses}, {definition}, {version}": RunFilter(
        statuses=STATUSES[statuses], definition=DEFINITIONS[definition], version=VERSIONS[version]
    )
    for statuses, definition, version in product(STATUSES, DEFINITIONS, VERSIONS)
}


def check_bounded(lists: ListsFixture, description: str, *, most: int = MAX_BUFFERS) -> None:
    """Check each statement since the last call."""
    explained, lists.database.explained = lists.database.explained, []
    assert explained
    dear = [f"{description}: {one}" for one in explained if one.buffers > most or one.scanned & BIG]
    assert dear == []


def test_runs_of_a_busy_organisation(lists: ListsFixture) -> None:
    for (description, filters), (time, limits), (place, cursor) in product(
        NAMED.items(), RANGES.items(), PLACES.items()
    ):
        run_filter = RunFilter(**{**vars(filters), **limits})
        lists.reads.runs(member("busy"), run_filter, cursor=cursor, limit=21)
        check_bounded(lists, f"{description}, {time}, {place}")


def test_runs_of_a_small_and_of_an_empty_organisation(lists: ListsFixture) -> None:
    for name, (description, filters), (place, cursor) in product(("small", "empty"), NAMED.items(), PLACES.items()):
        lists.reads.runs(member(name), filters, cursor=cursor, limit=21)
        check_bounded(lists, f"{name}: {description}, {place}")


def test_runs_of_a_named_organisation(lists: ListsFixture) -> None:
    named = {**dict.fromkeys(MEMBERS), "other-7": "everywhere"}
    for (name, who), (description, filters) in product(named.items(), NAMED.items()):
        lists.reads.runs(member(who or name), RunFilter(**{**vars(filters), "organization": name}), limit=21)
        check_bounded(lists, f"{name}: {description}")


def test_child_runs(lists: ListsFixture) -> None:
    for name, (description, filters) in product(("busy", "small", "everywhere"), NAMED.items()):
        lists.reads.runs(member(name), RunFilter(**{**vars(filters), "parent": id_of("run 1000")}), limit=21)
        check_bounded(lists, f"{name}: {description}")


def test_approvals(lists: ListsFixture) -> None:
    for name, status, mine, (place, cursor) in product(MEMBERS, ApprovalStatus, (False, True), PLACES.items()):
        for organization in (None, name):
            lists.reads.approvals(
                member(name), organization=organization, status=status, mine=mine, cursor=cursor, limit=51
            )
            check_bounded(lists, f"{name}: {status}, {place}, of {organization}, mine: {mine}")


def test_lists_of_a_member_of_fifty_organisations(lists: ListsFixture) -> None:
    caller = member("everywhere")
    most = MAX_BUFFERS_OF_ORGANIZATION * len(lists.reads.organizations(caller))
    for description, filters in NAMED.items():
        lists.reads.runs(caller, filters, limit=21)
        check_bounded(lists, description, most=most)
    for status in ApprovalStatus:
        lists.reads.approvals(caller, status=status, limit=51)
        check_bounded(lists, status, most=most)


@pytest.mark.parametrize("run", [20, 1000])
def test_the_parts_of_one_run(lists: ListsFixture, run: int) -> None:
    """Run 1000 has forty child runs, and open approvals are searched in each of them."""
    caller = member("busy")
    lists.reads.events(caller, id_of(f"run {run}"))
    lists.reads.deliverable(caller, id_of(f"deliverable {run}"))
    lists.reads.approval(caller, id_of(f"approval {run}"))
    check_bounded(lists, "parts of the run")
    lists.reads.run(caller, id_of(f"run {run}"))
    lists.reads.run_status(caller, id_of(f"run {run}"))
    check_bounded(lists, "the whole run", most=MAX_BUFFERS if run == 20 else 40 * 10)


def test_definitions_and_agents_of_an_organisation(lists: ListsFixture) -> None:
    reads = lists.reads
    for name in MEMBERS:
        for organization in (None, name):
            reads.definitions(member(name), organization=organization)
            reads.definition(member(name), "review", organization=organization)
            reads.versions(member(name), "review", organization=organization)
            reads.agents(member(name), organization=organization)
            reads.agent(member(name), "worker-1", organization=organization)
        assert not any("orchestration_definitions" in one.scanned for one in lists.database.explained)
        check_bounded(lists, name)


def test_failed_effects(lists: ListsFixture) -> None:
    for number, name in enumerate(("busy", *MEMBERS)):
        lists.failed_effects.failed(user_id=member(name).user_id, organizations=[name], failures=1, limit=100)
        if number == 0:
            lists.database.explained.clear()  # it is a function, which a session compiles at its first call
        else:
            check_bounded(lists, name)


def test_a_step_changes_no_indexed_column_of_its_run(filled_database: Database) -> None:
    """Of all indexed columns of a run, only the status (and rarely the engine or the end) changes, so other updates
    stay HOT."""
    with psycopg.connect(filled_database.owner_url) as owner:
        rows = owner.execute(
            "select distinct a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
            " and a.attnum = any (i.indkey) where i.indrelid = 'public.orchestration_runs'::regclass"
        )
        indexed = {name for (name,) in rows}
    assert indexed - KEYS_OF_A_RUN == {"status", "engine_id", "ends_at"}
