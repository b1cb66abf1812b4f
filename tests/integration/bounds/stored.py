"""A run in the record with large values everywhere, as versions without budgets stored them."""

from __future__ import annotations

from dataclasses import dataclass

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
# One row with the values of a run. Postgres makes them, because they are large.
LARGE = """
drop table if exists stored;
create temp table stored as
select text.of_run as text,
  jsonb_build_object('type', repeat(%(letter)s, least(%(text)s, 100000)),
    'message', repeat(%(letter)s, %(reason)s), 'retryable', false) as error,
  jsonb_build_object('type', 'Broken', 'message', repeat(%(letter)s, %(item_text)s)) as item_error,
  jsonb_build_object('note', text.of_run, 'list', array_fill(%(letter)s::text, array[10]),
    '\\odd/~name', text.of_run) as changes,
  (select jsonb_object_agg('o' || place - 1, repeat(%(letter)s, bytes))
    from unnest(%(outputs)s::integer[]) with ordinality as o (bytes, place)) as outputs,
  jsonb_build_object('runtime', jsonb_build_object('response', jsonb_build_object('payload', jsonb_build_object(
    'metadata', jsonb_build_object('review', jsonb_build_object(
      'applied', jsonb_build_array(jsonb_build_object('message', text.of_run)),
      'notApplied', jsonb_build_array(text.of_run))))))) as metadata
from (select repeat(%(letter)s, %(text)s) as of_run) as text"""
RUN = """
update orchestration_runs set status = %(status)s::text, started_at = now(),
  parameters = parameters || stored.changes,
  completed_at = case when %(status)s = 'failed' then now() end, parameter_overrides = stored.changes,
  error = case when %(status)s = 'failed' then stored.error end,
  results = jsonb_build_object('steps', jsonb_build_object('look', stored.outputs))
from stored where id = %(run_id)s"""
STEPS = """
update orchestration_steps set status = 'checkpoint', attempt_number = %(attempts)s, started_at = now(),
  outputs = stored.outputs, metadata = stored.metadata, reviews = (
    select coalesce(jsonb_agg(jsonb_build_object(
      'attemptNumber', n, 'notes', stored.text, 'modifications', stored.changes)), '[]')
    from generate_series(1, %(attempts)s - 1) as n)
from stored where run_id = %(run_id)s and step_id = 'look';
update orchestration_steps set status = 'failed', started_at = now(), completed_at = now(), error = stored.error
from stored where run_id = %(run_id)s and step_id = 'each';
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, item_of, item_index,
  item_attempt, item, status, outputs, error, started_at, completed_at)
select run_id, organization_id, 'each[' || n || ']', step_index, agent_slug, mode, step_id, n, 1,
  stored.outputs, 'failed', stored.outputs, stored.item_error, now(), now()
from orchestration_steps, stored, generate_series(0, %(items)s - 1) as n where run_id = %(run_id)s and step_id = 'each';
insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, outputs, metadata, error, ended_at)
select run_id, step_id, n, organization_id, 'failed', 'k', gen_random_uuid(), 1, now(), stored.outputs, stored.metadata,
  stored.error, now()
from orchestration_steps, stored, generate_series(1, %(attempts)s) as n
where run_id = %(run_id)s and step_id = 'look'"""
APPROVALS = """
insert into human_approvals (run_id, organization_id, step_id, attempt_number, status, question, options, decision,
  notes, modifications, decided_by, decided_at)
select run_id, organization_id, step_id, n, case when is_last then 'pending' else 'decided' end, stored.text,
  jsonb_build_array(jsonb_build_object('action', 'retry', 'label', stored.text, 'allowsModification', true)),
  case when not is_last then 'retry' end, stored.text, stored.changes, case when not is_last then gen_random_uuid() end,
  case when not is_last then now() end
from orchestration_steps, stored, generate_series(1, %(attempts)s) as n,
  lateral (select n = %(attempts)s) as o (is_last)
where run_id = %(run_id)s and step_id = 'look'"""
DELIVERABLES = """
insert into deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
  content, metadata)
select gen_random_uuid(), run_id, organization_id, step_id, n, agent_slug, stored.text, stored.text, stored.text,
  stored.text, stored.changes
from orchestration_steps, stored, generate_series(1, %(attempts)s) as n
where run_id = %(run_id)s and step_id = 'look'"""
EVENTS = """
insert into orchestration_events (run_id, organization_id, sequence, type, data, run)
select e.run_id, e.organization_id, e.sequence + n, 'orchestration.step_failed', jsonb_build_object('stepId', 'each',
  'attemptNumber', 1, 'error', stored.error, 'note', stored.text, 'notes', stored.text), e.run
from (select * from orchestration_events where run_id = %(run_id)s order by sequence desc limit 1) as e,
  stored, generate_series(1, %(events)s) as n"""
EFFECTS = """
insert into baton.outbox (run_id, kind, sequence, failures, last_error)
select %(run_id)s, 'event', sequence, 9, stored.text from orchestration_events, stored where run_id = %(run_id)s"""


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
    run = engine.launch(orchestration="reviewed", parameters={"regions": ["north"]})
    values = {**vars(sizes), "outputs": list(sizes.outputs), "run_id": run.run_id}
    for statements in (LARGE, RUN, STEPS, APPROVALS, DELIVERABLES, EVENTS, EFFECTS):
        for statement in statements.split(";\n"):
            engine.owner.execute(statement.encode(), values)
    return run


def forget(engine: EngineFixture, run: LaunchedRun) -> None:
    """Deletes a run, so that later lists do not have it."""
    engine.owner.execute("delete from orchestration_runs where id = %s", [run.run_id])
