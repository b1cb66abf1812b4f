"""The events for subscribers: they match the published schemas, in the envelope that the API also shows."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import suppress
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from baton import exact_json
from baton.api.views.events import event as view
from baton.errors import RunEnded, StepExhausted, StepFailed
from baton.store.database import Database
from baton.store.reads import Reads
from baton.usecases.launch_run import LaunchedRun
from cli.authoring.event_schemas import type_of
from cli.authoring.events import EVENTS
from cli.checkout import ROOT

from .engine import FETCH, REVIEWS, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal
from .test_children import CHILD, RANGE, REVIEW
from .test_forks import ForkOf, fork
from .test_gates import TWO_AT_ONCE
from .test_items import REGIONS
from .test_policies import ASKING, two_steps
from .test_reconcile import CRASHED, STOPPED, ReconcileFixture, reconciliation
from .test_recovery import DIAMOND, Operator, fail, operator

__all__ = ["fork", "operator", "reconciliation"]

Event = dict[str, Any]
RETRIES = "\n      error_handling: {on_step_failure: {retry_count: 1}}"
WIDE = """
    metadata: {name: wide, displayName: Wide, version: 1.0.0, description: two hundred steps beside each other}
    orchestration:
      error_handling: {on_step_failure: {retry_count: 0}}
      steps:
"""
MAX_BYTES = 256 * 1024  # bytes of an entry; EventBridge takes four times as much by now


def without_other_properties(schema: Any) -> Any:
    """The schema of today's events, without the values that the published schema leaves open for later."""
    match schema:
        case dict():
            only = {"additionalProperties": False} if "properties" in schema else {}
            return {name: without_other_properties(value) for name, value in schema.items()} | only
        case list():
            return [without_other_properties(item) for item in schema]
    return schema


def validator_of(kind: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "docs" / "events" / f"{kind}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(without_other_properties(schema), format_checker=FormatChecker())


SCHEMAS = {type_of(event): validator_of(type_of(event)) for event in EVENTS}


def posted_events(engine: EngineFixture, run: LaunchedRun | None = None) -> list[Event]:
    """The events in the outbox (of one run), in order, each checked against its schema."""
    claim_id = uuid.uuid4()
    engine.owner.execute("update baton.outbox set claim_id = %s", (claim_id,))
    effects = engine.one("select baton.effects_of_claim(%s) as effects", claim_id)["effects"]
    events = [effect["payload"] for effect in effects if effect["kind"] == "event"]
    found = [json.loads(exact_json.dumps(event)) for event in events]
    for event in found:
        SCHEMAS[event["type"]].validate(event)
    return [event for event in found if run is None or event["run"]["id"] == run.run_id]


def only(events: list[Event], kind: str) -> Event:
    (found,) = (event for event in events if event["type"] == f"orchestration.{kind}")
    return found


def finished_run(engine: EngineFixture) -> LaunchedRun:
    """A run of kpi-tracking from its launch to its end."""
    run = engine.launch()
    engine.agents.script = [kpi_answer(), answer("# Summary")]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH), "continue", notes="fine")
    engine.step(run, SUMMARIZE)
    return run


def test_an_event_has_its_type_and_the_state_of_its_run(engine: EngineFixture) -> None:
    run = finished_run(engine)
    events = posted_events(engine, run)
    requested = only(events, "checkpoint.requested")
    counts = dict.fromkeys(("queued", "running", "completed", "failed", "skipped"), 0)
    assert requested["run"] == {
        "id": run.run_id,
        "rootRunId": run.run_id,
        "orchestration": {"name": "kpi-tracking", "version": run.plan.version},
        "status": "checkpoint",  # after the boundary that recorded the event
        "generation": 1,
        "progress": 0,
        "steps": {"total": 2, "pending": 1, "checkpoint": 1, **counts},
        "currentSteps": [{"id": FETCH, "status": "checkpoint", "attemptNumber": 1}],
    }
    assert (requested["version"], requested["organization"], requested["correlationId"]) == (1, "demo", run.run_id)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["run"]["progress"] for event in events] == [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1]
    assert events[-1]["run"]["status"] == "completed"


def test_events_of_a_checkpoint_have_its_review_url_and_its_decision(engine: EngineFixture) -> None:
    run = finished_run(engine)
    approval = engine.one("select * from human_approvals where run_id = %s", run.run_id)
    about = {
        "stepId": FETCH,
        "attemptNumber": 1,
        "approvalId": str(approval["id"]),
        "reviewUrl": f"{REVIEWS}/{approval['id']}",
    }
    requested, resolved = (
        only(posted_events(engine), f"checkpoint.{kind}")["data"] for kind in ("requested", "resolved")
    )
    actions = ["continue", "retry", "abort"]
    assert requested == {**about, "question": approval["question"], "actions": actions}
    assert resolved == {
        **about, "status": "decided", "decision": "continue", "decidedBy": engine.caller.user_id, "notes": "fine",
    }  # fmt: skip


def test_the_api_shows_every_event_as_subscribers_get_it(engine: EngineFixture, login_url: Any) -> None:
    run = finished_run(engine)
    database = Database(login_url("api"))
    rows = Reads(database).events(engine.caller, run.run_id).events
    database.close()
    assert [json.loads(exact_json.dumps(view(row))) for row in rows] == posted_events(engine, run)


def test_a_childs_events_name_the_root_run(engine: EngineFixture) -> None:
    parent = engine.start(REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child.run_id, FETCH)
    approval = engine.checkpoint(child, FETCH)
    events = posted_events(engine, child)
    assert {event["correlationId"] for event in events} == {parent.run_id}
    assert {event["run"]["parentRunId"] for event in events} == {parent.run_id}
    assert only(events, "run.created")["data"]["parentStepId"] == CHILD
    assert only(events, "checkpoint.requested")["data"]["reviewUrl"] == f"{REVIEWS}/{approval}"


def start(engine: EngineFixture, text: str, **parameters: Any) -> LaunchedRun:
    """A run of a definition of its own, of this text."""
    return engine.start(re.sub(r"name: [a-z-]+", f"name: d-{uuid.uuid4().hex[:8]}", text, count=1), **parameters)


def waiting_child(engine: EngineFixture) -> LaunchedRun:
    """A parent whose child waits for a person."""
    parent = start(engine, REVIEW, **RANGE)
    child = engine.of(engine.step(parent, CHILD, "prepare")["input"]["run_id"])
    engine.agents.script = [kpi_answer()]
    engine.step(child.run_id, FETCH)
    engine.checkpoint(child, FETCH)
    return parent


def decide_in_every_way(engine: EngineFixture, operator: Operator, reconciliation: ReconcileFixture) -> None:
    """Every decision of a person, and every action on a timeout."""
    finished_run(engine)
    for decision in ("retry", "abort"):
        run = engine.launch()
        engine.agents.script = [kpi_answer()]
        engine.step(run, FETCH)
        engine.decide(engine.checkpoint(run, FETCH), decision)
    for on_timeout in ("continue", "abort", "fail"):
        timed = ASKING.replace(
            "question", f"timeout_seconds: 1\n            on_timeout: {on_timeout}\n            question"
        )
        run = start(engine, two_steps(timed))
        engine.agents.script = [answer()]
        engine.step(run, "first")
        engine.checkpoint(run, "first")
        engine.owner.execute("update human_approvals set expires_at = now() where run_id = %s", (run.run_id,))
        with suppress(RunEnded, StepExhausted):
            engine.expire(run, "first")


def fail_in_every_way(engine: EngineFixture, operator: Operator, reconciliation: ReconcileFixture) -> None:
    """Steps at a gate, tried again, skipped by an operator; with an open approval, retried and aborted; an item."""
    gated = start(engine, TWO_AT_ONCE.replace("orchestration:", "orchestration:" + RETRIES))
    engine.gate(gated, "long")
    for retryable, raised in ((True, StepFailed), (False, StepExhausted)):
        engine.agents.script = [refusal("busy", retryable=retryable)]
        with pytest.raises(raised):
            engine.step(gated, "long")
    operator.skip(gated, "long", note="not needed")
    diamond = start(engine, DIAMOND)
    engine.agents.script = [answer()]
    engine.step(diamond, "look")
    engine.checkpoint(diamond, "look")
    fail(engine, diamond, "work")
    operator.retry(diamond)
    operator.abort(diamond, "enough")
    regions = start(engine, REGIONS, regions=["north"])
    engine.step(regions, "report", "expand")
    fail(engine, regions, "report[0]")


def end_from_outside(engine: EngineFixture, operator: Operator, reconciliation: ReconcileFixture) -> None:
    """Executions that end without their run, and child runs that end with their parent."""
    for description in (STOPPED, CRASHED):
        reconciliation.report_end(waiting_child(engine), description)
    operator.abort(waiting_child(engine))
    again = waiting_child(engine)
    reconciliation.report_end(again, CRASHED)
    operator.retry(again)


def leave_steps_out(engine: EngineFixture, operator: Operator, reconciliation: ReconcileFixture) -> None:
    """A step whose condition is false, and a step that fails without its run."""
    engine.step(start(engine, two_steps('          when: "{{ size }} > 10"'), size=3), "first")
    tolerant = waiting_child(engine)
    engine.settle(tolerant, CHILD)


def test_every_event_matches_its_schema(
    engine: EngineFixture, operator: Operator, reconciliation: ReconcileFixture, fork: ForkOf
) -> None:
    fork(finished_run(engine), SUMMARIZE, note="otherwise")
    for happen in (decide_in_every_way, fail_in_every_way, end_from_outside, leave_steps_out):
        happen(engine, operator, reconciliation)
    assert {event["type"] for event in posted_events(engine)} == SCHEMAS.keys()


def test_an_abort_records_what_it_ends_before_its_own_event(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(DIAMOND)
    engine.agents.script = [answer()]
    engine.step(run, "look")
    engine.checkpoint(run, "look")
    operator.abort(run)
    events = posted_events(engine, run)[-5:]
    assert [(event["type"].removeprefix("orchestration."), event["data"].get("stepId")) for event in events] == [
        ("checkpoint.resolved", "look"), ("step.skipped", "look"), ("step.skipped", "work"), ("step.skipped", "end"),
        ("run.aborted", None),
    ]  # fmt: skip
    assert {event["run"]["status"] for event in events} == {"aborted"}
    assert events[0]["data"]["status"] == "closed"


def test_steps_that_an_abort_skipped_are_no_progress(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(two_steps())
    engine.agents.script = [answer()]
    engine.step(run, "first")
    operator.abort(run)
    last = posted_events(engine, run)[-1]["run"]
    assert (last["progress"], last["steps"]["completed"], last["steps"]["skipped"]) == (0.5, 1, 1)


def test_an_attempt_that_will_be_repeated_is_queued(engine: EngineFixture) -> None:
    run = start(engine, two_steps().replace("orchestration:", "orchestration:" + RETRIES))
    engine.agents.script = [refusal("busy", retryable=True)]
    with pytest.raises(StepFailed):
        engine.step(run, "first")
    events = posted_events(engine, run)[-2:]
    assert [event["type"] for event in events] == ["orchestration.step.failed", "orchestration.step.queued"]
    assert events[1]["data"] == {"stepId": "first", "attemptNumber": 2, "reason": "retry"}
    assert events[1]["run"]["currentSteps"] == [{"id": "first", "status": "queued", "attemptNumber": 2}]


def test_no_event_exceeds_the_limit_of_eventbridge(engine: EngineFixture, operator: Operator) -> None:
    """Two hundred steps at work at once, and very long texts."""
    endless = "\u0001" * 100_000
    steps = "".join(f"        - {{id: {'s' * 50}-{number}, agent: summarizer}}\n" for number in range(200))
    run = start(engine, WIDE + steps)
    begun = (
        "update orchestration_steps set status = 'running', started_at = now() where run_id = %s and step_index < 60"
    )
    engine.owner.execute(begun, (run.run_id,))
    engine.agents.script = [refusal(endless, retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, f"{'s' * 50}-199")
    operator.retry(run, note=endless)
    operator.abort(run, note=endless)
    events = posted_events(engine, run)
    assert max(len(exact_json.dumps(event).encode()) for event in events) < MAX_BYTES / 10
    assert {len(event["run"]["currentSteps"]) for event in events} == {0, 50}
    note = only(events, "run.aborted")["data"]["note"]
    assert (len(note), note[-1]) == (1000, "…")
    kept = "select data from orchestration_events where type = 'orchestration.run.aborted'"
    assert engine.one(kept)["data"]["note"] == endless


def test_no_event_contains_agents_outputs_or_a_token(engine: EngineFixture) -> None:
    run = engine.launch()
    engine.agents.script = [answer("the content of the deliverable", sql="select 1"), answer("# Summary")]
    engine.step(run, FETCH)
    engine.decide(engine.checkpoint(run, FETCH, "the-token-of-the-task"), "continue")
    engine.step(run, SUMMARIZE)
    events = json.dumps(posted_events(engine))
    for hidden in ("the content of the deliverable", "# Summary", "select 1", "the-token-of-the-task", "2024-07-01"):
        assert hidden not in events
