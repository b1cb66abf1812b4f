"""A run in the record with large values everywhere, as versions without budgets stored them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from baton.usecases.launch_run import LaunchedRun
from tests.integration.record.engine import EngineFixture

REVIEWED = """
    metadata: {name: reviewed, displayName: Reviewed, version: 1.0.0, description: a run with large values}
    orchestration:
      parameters:
        - {name: regions, type: "string[]", required: true}
      steps:
        - id: look
          name: Look
          agent: summarizer
          output_mapping: {text: $.content.deliverable.content}
          checkpoint_after:
            question: Right?
            options: [{action: continue, label: Go on}, {action: retry, label: Again, allows_modification: true}]
        - id: each
          name: Each
          agent: summarizer
          for_each: "{{ parameters.regions }}"
          as: region
          input: {context: {region: "{{ region }}"}}
          output_mapping: {text: $.content.deliverable.content}
        - {id: last, name: Last, agent: summarizer, depends_on: [look, each]}
"""
RUN = """
update orchestration_runs set status = %(status)s, started_at = now(), parameters = parameters || %(changes)s,
  completed_at = case when %(status)s = 'failed' then now() end, parameter_overrides = %(changes)s,
  error = case when %(status)s = 'failed' then %(error)s::jsonb end,
  results = jsonb_build_object('steps', jsonb_build_object('look', %(outputs)s::jsonb))
where id = %(run_id)s"""
STEPS = """
update orchestration_steps set status = 'checkpoint', attempt_number = %(attempts)s, started_at = now(),
  outputs = %(outputs)s, metadata = %(metadata)s, reviews = (
    select coalesce(jsonb_agg(jsonb_build_object(
      'attemptNumber', n, 'notes', %(text)s::text, 'modifications', %(changes)s::jsonb)), '[]')
    from generate_series(1, %(attempts)s - 1) as n)
where run_id = %(run_id)s and step_id = 'look';
update orchestration_steps set status = 'failed', started_at = now(), completed_at = now(), error = %(error)s
where run_id = %(run_id)s and step_id = 'each';
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, item_of, item_index,
  item_attempt, item, status, outputs, error, started_at, completed_at)
select run_id, organization_id, 'each[' || n || ']', step_index, agent_slug, mode, step_id, n, 1, %(outputs)s, 'failed',
  %(outputs)s, %(item_error)s, now(), now()
from orchestration_steps, generate_series(0, %(items)s - 1) as n where run_id = %(run_id)s and step_id = 'each';
insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, outputs, metadata, error, ended_at)
select run_id, step_id, n, organization_id, 'failed', 'k', gen_random_uuid(), 1, now(), %(outputs)s, %(metadata)s,
  %(error)s, now()
from orchestration_steps, generate_series(1, %(attempts)s) as n where run_id = %(run_id)s and step_id = 'look'"""
APPROVALS = """
insert into human_approvals (run_id, organization_id, step_id, attempt_number, status, question, options, decision,
  notes, modifications, decided_by, decided_at)
select run_id, organization_id, step_id, n, case when is_last then 'pending' else 'decided' end, %(text)s,
  jsonb_build_array(jsonb_build_object('action', 'retry', 'label', %(text)s::text, 'allowsModification', true)),
  case when not is_last then 'retry' end, %(text)s, %(changes)s, case when not is_last then gen_random_uuid() end,
  case when not is_last then now() end
from orchestration_steps, generate_series(1, %(attempts)s) as n, lateral (select n = %(attempts)s) as o (is_last)
where run_id = %(run_id)s and step_id = 'look'"""
DELIVERABLES = """
insert into deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
  content, metadata)
select gen_random_uuid(), run_id, organization_id, step_id, n, agent_slug, %(text)s, %(text)s, %(text)s, %(text)s,
  %(changes)s
from orchestration_steps, generate_series(1, %(attempts)s) as n where run_id = %(run_id)s and step_id = 'look'"""
EVENTS = """
insert into orchestration_events (run_id, organization_id, sequence, type, data, run)
select e.run_id, e.organization_id, e.sequence + n, 'orchestration.step_failed', jsonb_build_object('stepId', 'each',
  'attemptNumber', 1, 'error', %(error)s::jsonb, 'note', %(text)s::text, 'notes', %(text)s::text), e.run
from (select * from orchestration_events where run_id = %(run_id)s order by sequence desc limit 1) as e,
  generate_series(1, %(events)s) as n"""
EFFECTS = """
insert into baton.outbox (run_id, kind, sequence, failures, last_error)
select %(run_id)s, 'event', sequence, 9, %(text)s from orchestration_events where run_id = %(run_id)s"""


@dataclass(frozen=True)
class Sizes:
    """``letter`` is that of every text. ``text`` is the length of notes, titles …, ``outputs`` are those of outputs,
    ``reason`` that of an error's message, ``item_text`` of an item's."""

    letter: str
    text: int
    reason: int
    outputs: tuple[int, ...]
    attempts: int
    items: int
    item_text: int
    events: int
    status: str


def store(engine: EngineFixture, sizes: Sizes) -> LaunchedRun:
    """A new run of the definition ``reviewed`` with such values."""
    text = sizes.letter * sizes.text
    error = {
        "type": sizes.letter * min(sizes.text, 100_000),
        "message": sizes.letter * sizes.reason,
        "retryable": False,
    }
    report = {"applied": [{"message": text}], "notApplied": [text]}
    values: dict[str, Any] = {
        "text": text,
        "error": Jsonb(error),
        "item_error": Jsonb({"type": "Broken", "message": sizes.letter * sizes.item_text}),
        "changes": Jsonb({"note": text, "list": [sizes.letter] * 10, "\\odd/~name": text}),
        "outputs": Jsonb({f"o{n}": sizes.letter * size for n, size in enumerate(sizes.outputs)}),
        "metadata": Jsonb({"runtime": {"response": {"payload": {"metadata": {"review": report}}}}}),
        "attempts": sizes.attempts,
        "items": sizes.items,
        "events": sizes.events,
        "status": sizes.status,
    }
    run = engine.launch(orchestration="reviewed", parameters={"regions": ["north"]})
    for statements in (RUN, STEPS, APPROVALS, DELIVERABLES, EVENTS, EFFECTS):
        for statement in statements.split(";\n"):
            engine.owner.execute(statement.encode(), {**values, "run_id": run.run_id})
    return run
