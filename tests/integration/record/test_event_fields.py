"""Every path that records an event writes each documented field of which the record has a value.

An oracle says for each optional field, from the record, whether an event must have it. The paths are those that
``test_events`` takes, and a few more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from baton.errors import StepFailed
from baton.store.database import Database
from cli.authoring.event_schemas import type_of
from cli.authoring.events import EVENTS
from cli.checkout import ROOT

from .boundaries_of_runs import launch_by_an_execution
from .engine import FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal
from .preparations import begin_step
from .test_children import CHILD
from .test_events import (
    RETRIES,
    decide_in_every_way,
    end_from_outside,
    fail_in_every_way,
    finished_run,
    leave_steps_out,
    posted_events,
    start,
    waiting_child,
)
from .test_forks import ForkOf, fork
from .test_items import REGIONS
from .test_policies import two_steps
from .test_reconcile import CRASHED, ReconcileFixture, reconciliation
from .test_recovery import Operator, fail, operator

__all__ = ["fork", "operator", "reconciliation"]

Event = dict[str, Any]
Oracle = Callable[[EngineFixture, Event], bool]
PREFIX = "orchestration."
NOTES = ("with a note", "enough", "not needed", "fine")
CACHING = "      execution: {caching: {enabled: true, ttlSeconds: 600}}"


def data_schema(kind: str) -> dict[str, Any]:
    schema = json.loads((ROOT / "docs" / "events" / f"{kind}.json").read_text(encoding="utf-8"))
    data = schema["properties"]["data"]
    found: dict[str, Any] = schema["$defs"][data["$ref"].rpartition("/")[2]] if "$ref" in data else data
    return found


DATA = {type_of(event).removeprefix(PREFIX): data_schema(type_of(event)) for event in EVENTS}
REQUIRED = {kind: set(schema.get("required", ())) for kind, schema in DATA.items()}
OPTIONAL = {
    (kind, name) for kind, schema in DATA.items() for name in schema.get("properties", {}) if name not in REQUIRED[kind]
}


def row_of(engine: EngineFixture, event: Event) -> dict[str, Any]:
    return engine.one("select * from orchestration_runs where id = %s", event["run"]["id"])


def rows_of_step(engine: EngineFixture, event: Event, sql: str) -> list[dict[str, Any]]:
    data = event["data"]
    step_id = data["stepId"] + (f"[{data['itemIndex']}]" if "itemIndex" in data else "")
    return engine.all(sql, event["run"]["id"], step_id, data["attemptNumber"])


def approval_has(column: str) -> Oracle:
    def has(engine: EngineFixture, event: Event) -> bool:
        row = engine.one("select * from human_approvals where id = %s", event["data"]["approvalId"])
        return row[column] is not None

    return has


def has_deliverable(engine: EngineFixture, event: Event) -> bool:
    main = "select from deliverables where run_id = %s and step_id = %s and attempt_number = %s and position = 0"
    return bool(rows_of_step(engine, event, main))


def has_agent(engine: EngineFixture, event: Event) -> bool:
    slugs = "select agent_slug from orchestration_steps where run_id = %s and step_id = %s and attempt_number >= %s"
    return rows_of_step(engine, event, slugs)[0]["agent_slug"] != ""


def is_item(engine: EngineFixture, event: Event) -> bool:
    """An item's step is a for_each step. (The for_each step has events of its own; see ``attempts``.)"""
    step = engine.one(
        "select planned -> 'forEach' as items from orchestration_steps where run_id = %s and step_id = %s",
        event["run"]["id"],
        event["data"]["stepId"],
    )
    return step["items"] is not None and event["data"].get("itemIndex") is not None


def data_is(name: str, *values: str) -> Oracle:
    return lambda engine, event: event["data"].get(name) in values


def is_recorded_note(engine: EngineFixture, event: Event) -> bool:
    """The record has a person's note only in the event, so this compares it with the notes of this test."""
    return event["data"].get("note", event["data"].get("notes")) in NOTES


def never(engine: EngineFixture, event: Event) -> bool:
    return False


def is_launchers(engine: EngineFixture, event: Event) -> bool:
    return bool(engine.all("select from baton.launchers where user_id = %s", row_of(engine, event)["launched_by"]))


def one_step_failed(engine: EngineFixture, event: Event) -> bool:
    """The run's error names the step. If the run has gone on and has no error, the event must name it."""
    error = row_of(engine, event)["error"]
    return "stepId" in error if error else "stepId" in event["data"]


ORACLES: dict[tuple[str, str], Oracle] = {
    ("run.created", "parentStepId"): lambda engine, event: row_of(engine, event)["parent_run_id"] is not None,
    ("run.created", "launchingExecution"): is_launchers,
    ("run.created", "forkedFrom"): lambda engine, event: row_of(engine, event)["forked_from_run_id"] is not None,
    ("run.updated", "retriedBy"): data_is("reason", "retried"),
    ("run.updated", "note"): is_recorded_note,
    ("run.updated", "stepIds"): data_is("reason", "retried"),
    ("run.failed", "stepId"): one_step_failed,
    ("run.failed", "attemptNumber"): lambda engine, event: "stepId" in event["data"],
    ("run.failed", "itemIndex"): lambda engine, event: event["data"].get("stepId") == "report",
    ("run.aborted", "abortedBy"): lambda engine, event: "reason" not in event["data"] and not by_clock(engine, event),
    ("run.aborted", "stepId"): lambda engine, event: by_decision(engine, event),
    ("run.aborted", "note"): is_recorded_note,
    ("run.aborted", "reason"): lambda engine, event: "abortedBy" not in event["data"] and not by_clock(engine, event),
    ("step.queued", "itemIndex"): is_item,
    ("step.running", "itemIndex"): is_item,
    ("step.running", "agent"): has_agent,
    ("step.completed", "itemIndex"): is_item,
    ("step.completed", "deliverableId"): has_deliverable,
    ("step.failed", "itemIndex"): is_item,
    ("step_failed", "itemIndex"): is_item,
    ("step.skipped", "itemIndex"): never,
    ("step.skipped", "skippedBy"): data_is("reason", "skipped"),
    ("step.skipped", "note"): data_is("reason", "skipped"),
    ("checkpoint.requested", "reviewUrl"): approval_has("review_url"),
    ("checkpoint.requested", "expiresAt"): approval_has("on_timeout"),
    ("checkpoint.resolved", "reviewUrl"): approval_has("review_url"),
    ("checkpoint.resolved", "decision"): data_is("status", "decided", "expired"),
    ("checkpoint.resolved", "decidedBy"): data_is("status", "decided"),
    ("checkpoint.resolved", "notes"): is_recorded_note,
    ("checkpoint.resolved", "reason"): data_is("status", "closed"),
}  # fmt: skip


def begun(events: list[Event]) -> set[tuple[Any, ...]]:
    running = [event for event in events if event["type"] == f"{PREFIX}step.running"]
    return {
        (event["run"]["id"], data["stepId"], data.get("itemIndex", -1), data["attemptNumber"])
        for event in running
        for data in [event["data"]]
    }


def attempts(engine: EngineFixture) -> set[tuple[Any, ...]]:
    rows = engine.all(
        "select a.run_id::text, coalesce(s.item_of, s.step_id), s.item_index, a.attempt_number"
        " from orchestration_step_attempts a join orchestration_steps s using (run_id, step_id)"
    )
    return {tuple(row.values()) for row in rows}


def by_decision(engine: EngineFixture, event: Event) -> bool:
    """A person, or the clock, aborted the run at a checkpoint."""
    aborting = "select from human_approvals where run_id = %s and decision = 'abort'"
    return bool(engine.all(aborting, event["run"]["id"]))


def by_clock(engine: EngineFixture, event: Event) -> bool:
    expired = "select from human_approvals where run_id = %s and decision = 'abort' and status = 'expired'"
    return bool(engine.all(expired, event["run"]["id"]))


def complete_in_every_way(engine: EngineFixture, operator: Operator) -> None:
    """An item, a for_each step, a child run; an answer of the agent and one from the cache; after a crash."""
    regions = start(engine, REGIONS, regions=["north"])
    engine.step(regions, "report", "expand")
    engine.agents.script = [refusal("busy", retryable=True), answer()]
    with pytest.raises(StepFailed):
        engine.step(regions, "report[0]")
    engine.step(regions, "report[0]")
    engine.step(regions, "report", "gather")
    first = start(engine, two_steps(execution=CACHING))
    engine.agents.script = [answer()]
    for run in (first, engine.launch(orchestration=first.plan.name, parameters={})):
        engine.step(run, "first")
    crashed = start(engine, two_steps().replace("orchestration:", "orchestration:" + RETRIES))
    begin_step(engine, crashed, "first")
    engine.agents.script = [answer()]
    engine.step(crashed, "first")
    parent = waiting_child(engine)
    child = engine.one("select id::text from orchestration_runs where parent_run_id = %s", parent.run_id)["id"]
    engine.decide(engine.checkpoint(engine.of(child), FETCH), "continue")
    engine.agents.script = [answer("# Summary")]
    engine.step(child, SUMMARIZE)
    engine.step(parent, CHILD, "collect")


def go_on_in_every_way(engine: EngineFixture, operator: Operator) -> None:
    """The decision about a second attempt; a retry with a note; an execution that crashes during a step."""
    run = engine.launch()
    engine.agents.script = [kpi_answer(), kpi_answer()]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "retry")
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue", notes="fine")
    retried = engine.launch()
    fail(engine, retried)
    operator.retry(retried, note="with a note")


def test_every_path_writes_the_documented_fields_that_have_a_value(
    engine: EngineFixture,
    operator: Operator,
    reconciliation: ReconcileFixture,
    fork: ForkOf,
    login_url: Callable[[str], str],
) -> None:
    with closing(Database(login_url("launch"))) as database:
        launch_by_an_execution(engine)(database)
    fork(finished_run(engine), SUMMARIZE, note="otherwise")
    for happen in (decide_in_every_way, fail_in_every_way, end_from_outside, leave_steps_out):
        happen(engine, operator, reconciliation)
    complete_in_every_way(engine, operator)
    go_on_in_every_way(engine, operator)
    crashed = engine.launch()
    begin_step(engine, crashed, FETCH)
    reconciliation.report_end(crashed, CRASHED)
    events = posted_events(engine)
    wrong = [
        (kind, name, event["data"], expected)
        for event in events
        for kind in [event["type"].removeprefix(PREFIX)]
        for name in DATA[kind].get("properties", {})
        if (name in event["data"]) != (expected := name in REQUIRED[kind] or ORACLES[kind, name](engine, event))
    ]
    assert wrong == []
    assert begun(events) >= attempts(engine)
    written = {(event["type"].removeprefix(PREFIX), name) for event in events for name in event["data"]}
    assert OPTIONAL - written == {("step.skipped", "itemIndex")}  # an item ends with its step, without an event


def test_every_optional_field_has_an_oracle() -> None:
    assert ORACLES.keys() == OPTIONAL
