-- The boundaries of a step (see boundary.sql for what stands around each).

-- name: begin_step
-- Answers, in this order: the stored outcome of a step that is done; that the run has ended or moved on to another execution;
-- that another delivery of the same attempt is at work; or begins the attempt, taking over one whose delivery is gone.
-- A delivery that vanished within this execution crashed: that uses up one of the automatic retries.
with found as (
  select r.id, r.organization_id, r.status as run_status, r.generation, r.digest, r.parameters,
    r.parameter_overrides, r.results, r.options, r.definition_id, r.definition_name, r.definition_version, r.depth,
    o.slug as organization, s.step_id, s.status as step_status, s.agent_slug, s.mode, s.attempt_number, s.failures,
    s.item_of, s.item_index, s.item, coalesce(f.reviews, s.reviews) as reviews, s.reads_cache,
    -- A plan that was stored before has no types in its steps.
    jsonb_build_object('parameterTypes', (select coalesce(jsonb_object_agg(d ->> 'name', d -> 'type'), '{}')
      from jsonb_array_elements(r.plan -> 'parameters') as d)) || p.step as planned,
    a.status as attempt_status, a.attempt_key, a.delivery_id, a.lease_until,
    coalesce(a.status = 'running' and a.delivery_id <> %(delivery_id)s, false) as taken_over,
    coalesce(a.status = 'running' and a.delivery_id <> %(delivery_id)s and a.generation = r.generation, false) as crashed
  from public.orchestration_runs r
  join public.organizations o on o.id = r.organization_id
  join public.orchestration_steps s on s.run_id = r.id
  left join public.orchestration_steps f on f.run_id = s.run_id and f.step_id = s.item_of
  join lateral jsonb_array_elements(r.plan -> 'steps') as p (step) on p.step ->> 'id' = coalesce(s.item_of, s.step_id)
  left join public.orchestration_step_attempts a
    on a.run_id = s.run_id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
  where r.id = %(run_id)s and s.step_id = %(step_id)s
), verdict as (
  select found.*, case
    when step_status in ('completed', 'checkpoint', 'skipped') and run_status <> 'aborted' then 'stored'
    when run_status in ('completed', 'failed', 'aborted') then 'run_ended'
    when generation <> %(generation)s then 'stale_generation'
    when digest <> %(digest)s then 'wrong_machine'
    when step_status = 'failed' then 'failed_before'
    when taken_over and attempt_key = %(attempt_key)s and lease_until > now() then 'in_progress'
    when crashed and failures >= (planned #>> '{retry,retryCount}')::int then 'exhausted'
    else 'begun' end as outcome
  from found
), begun as (
  select * from verdict where outcome in ('begun', 'exhausted')
), run as (
  update public.orchestration_runs r set status = 'running', started_at = now()
  from begun where r.id = begun.id and r.status = 'pending'
), step as (
  update public.orchestration_steps s set status = 'running', started_at = coalesce(s.started_at, now()),
    completed_at = null, failures = s.failures + begun.crashed::int
  from begun where s.run_id = begun.id and s.step_id = begun.step_id
), attempt as (
  insert into public.orchestration_step_attempts as a (run_id, step_id, attempt_number, organization_id, status,
    attempt_key, delivery_id, generation, lease_until)
  select id, step_id, attempt_number, organization_id, 'running', %(attempt_key)s, %(delivery_id)s, generation,
    now() + make_interval(secs => %(lease_seconds)s)
  from begun
  on conflict (run_id, step_id, attempt_number) do update set
    attempt_key = excluded.attempt_key, delivery_id = excluded.delivery_id, generation = excluded.generation,
    lease_until = excluded.lease_until, deliveries = a.deliveries + (a.delivery_id <> excluded.delivery_id)::int
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select begun.id, begun.organization_id, e.type, jsonb_strip_nulls(e.data)
  from begun, jsonb_build_object('stepId', coalesce(item_of, step_id), 'itemIndex', nullif(item_index, -1),
    'attemptNumber', attempt_number) as step (told), lateral (values
    (1, run_status = 'pending', 'orchestration.run.updated', '{"previousStatus": "pending", "reason": "started"}'::jsonb),
    (2, crashed, 'orchestration.step.failed', step.told || jsonb_build_object('willRetry', true, 'error', jsonb_build_object(
      'type', 'Crashed', 'message', 'the function that ran this attempt ended without an answer'))),
    (3, taken_over or attempt_status is distinct from 'running', 'orchestration.step.running',
      step.told || jsonb_build_object('agent', nullif(agent_slug, '')))
  ) as e (position, happened, type, data)
  where outcome = 'begun' and e.happened order by e.position
)
select outcome, step_status, attempt_number, organization, agent_slug, mode, planned, parameters, parameter_overrides,
  options, item, definition_name, definition_version, depth, reviews,
  (select coalesce(jsonb_object_agg(o.step_id, o.outputs), '{}')
   from jsonb_each(results -> 'steps') as o (step_id, outputs)
   where planned -> 'reads' ? o.step_id or jsonb_typeof(planned -> 'reads') is distinct from 'array') as outputs,
  -- The attempt that the newest review is about; of an item, the one before. What is large does not travel.
  (select jsonb_build_object('attemptNumber', t.attempt_number,
     'input', case when octet_length(t.metadata #>> '{runtime,input}') <= 65536
       then t.metadata #> '{runtime,input}' end,
     'outputs', case when octet_length(t.outputs::text) <= 65536 then t.outputs end)
   from public.orchestration_step_attempts t
   where reviews <> '[]' and t.run_id = verdict.id and t.step_id = verdict.step_id
     and t.attempt_number < verdict.attempt_number
     and (item_of is not null or t.attempt_number <= (reviews -> -1 ->> 'attemptNumber')::int)
   order by t.attempt_number desc limit 1) as reviewed_attempt,
  (select g.transport from public.agents g join public.organizations go on go.id = g.organization_id
   where g.slug = verdict.agent_slug
     and (go.slug = 'global' or (go.id = verdict.organization_id and not verdict.options ? 'sharedOnly'))
   order by go.slug = 'global' limit 1) as transport,
  (select jsonb_agg(i.outputs order by i.item_index) from public.orchestration_steps i
   where i.run_id = verdict.id and i.item_of = verdict.step_id) as item_outputs,
  (select jsonb_build_object('id', d.id, 'plan', d.plan) from public.orchestration_definitions d
   join public.organizations d_o on d_o.id = d.organization_id
   where d.name = planned #>> '{child,name}'
     and coalesce(nullif(planned ->> 'agent', ''), d.owner_agent_slug) = d.owner_agent_slug
     and coalesce(planned #>> '{child,version}', d.version) = d.version
     and (d_o.slug = 'global' or (d_o.id = verdict.organization_id and not verdict.options ? 'sharedOnly'))
   order by d_o.slug = 'global', string_to_array(d.version, '.')::int[] desc limit 1) as child_definition,
  (select to_jsonb(c) || jsonb_build_object('aborted_because', (
     select coalesce(e.data ->> 'note', e.data ->> 'reason') from public.orchestration_events e
     where e.run_id = c.id and e.type = 'orchestration.run.aborted' order by e.sequence desc limit 1))
   from public.orchestration_runs c where c.parent_run_id = verdict.id
   and c.parent_step_id = verdict.step_id and c.parent_attempt = verdict.attempt_number) as child_run,
  (select array_agg(c.input_hash) from baton.step_cache c where verdict.reads_cache
   and planned -> 'cache' <> 'null' and c.organization_id = verdict.organization_id
   and c.definition_id = verdict.definition_id and c.step_id = coalesce(verdict.item_of, verdict.step_id)
   and c.expires_at > now()) as cached_inputs
from verdict;

-- name: complete_step
-- Records what an attempt made, or what the cache kept of an earlier one with the same input (then under a new deliverable's
-- id). A step with a checkpoint then waits for a person. An aborted run takes nothing; a failed one does, because the work is
-- paid for and the next generation can use it.
with given as (
  select %(outputs)s::jsonb as outputs, %(metadata)s::jsonb as metadata, %(deliverable)s::jsonb as deliverable
  where not %(from_cache)s
  union all
  select replace(c.outputs::text, ids.kept, ids.new)::jsonb,
    replace(c.metadata::text, ids.kept, ids.new)::jsonb || '{"cached": true}',
    replace(c.deliverable::text, ids.kept, ids.new)::jsonb
  from baton.step_cache c
  join public.orchestration_runs r on r.organization_id = c.organization_id and r.definition_id = c.definition_id,
  lateral (select coalesce(c.deliverable ->> 'id', 'no deliverable') as kept, %(new_id)s::text as new) as ids
  where %(from_cache)s and r.id = %(run_id)s and c.step_id = split_part(%(step_id)s, '[', 1)
    and c.input_hash = %(input_hash)s and c.expires_at > now()
), attempt as (
  update public.orchestration_step_attempts a set status = 'completed', ended_at = now(), outputs = given.outputs,
    metadata = given.metadata
  from public.orchestration_runs r, given
  where r.id = %(run_id)s and r.status <> 'aborted' and a.run_id = r.id and a.step_id = %(step_id)s
    and a.attempt_number = %(attempt_number)s and a.delivery_id = %(delivery_id)s and a.status = 'running'
  returning a.run_id, a.step_id, a.attempt_number, a.organization_id, r.definition_id, given.outputs, given.metadata,
    given.deliverable
), step as (
  update public.orchestration_steps s set
    status = case when %(has_checkpoint)s then 'checkpoint' else 'completed' end,
    completed_at = case when %(has_checkpoint)s then null else now() end,
    outputs = attempt.outputs, error = null, metadata = s.metadata || attempt.metadata
  from attempt where s.run_id = attempt.run_id and s.step_id = attempt.step_id
  returning s.run_id, s.step_id, s.item_of, s.item_index, s.agent_slug, s.attempt_number
), saved as (
  insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
    content, metadata)
  select d.id, attempt.run_id, attempt.organization_id, attempt.step_id, attempt.attempt_number, step.agent_slug, d.type,
    d.format, d.title, d.content, d.metadata
  from attempt join step using (run_id, step_id), jsonb_to_record(attempt.deliverable)
    as d (id uuid, type text, format text, title text, content text, metadata jsonb)
  where d.id is not null
  returning id
), run as (
  update public.orchestration_runs r set results = jsonb_set(r.results, array['steps', attempt.step_id], attempt.outputs)
  from attempt join step using (run_id, step_id) where r.id = attempt.run_id and step.item_of is null
), cached as (
  insert into baton.step_cache (organization_id, definition_id, step_id, input_hash, outputs, metadata, deliverable,
    expires_at)
  select organization_id, definition_id, split_part(step_id, '[', 1), %(input_hash)s::text, outputs, metadata, deliverable,
    now() + make_interval(secs => %(cache_seconds)s)
  from attempt where %(cache_seconds)s::float is not null and not %(from_cache)s
  on conflict (organization_id, definition_id, step_id, input_hash) do update set outputs = excluded.outputs,
    metadata = excluded.metadata, deliverable = excluded.deliverable, expires_at = excluded.expires_at
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select attempt.run_id, attempt.organization_id, 'orchestration.step.completed', jsonb_strip_nulls(jsonb_build_object(
    'stepId', coalesce(step.item_of, step.step_id), 'itemIndex', nullif(step.item_index, -1),
    'attemptNumber', attempt.attempt_number, 'deliverableId', (select id from saved)))
  from attempt join step using (run_id, step_id) where not %(has_checkpoint)s
)
select exists (select from given) as given, exists (select from attempt) or exists (
  select from public.orchestration_step_attempts a where a.run_id = %(run_id)s and a.step_id = %(step_id)s
    and a.attempt_number = %(attempt_number)s and a.delivery_id = %(delivery_id)s and a.status = 'completed') as recorded;

-- name: fail_step
-- Records why an attempt failed. The record decides whether the budget allows another; if not, the run fails with it, unless
-- the definition lets it go on. With an item its for_each step fails (or is settled, where the run goes on). A call that is repeated, because its answer was lost, gets the same answer; no row: the
-- attempt belongs to another delivery.
with attempt as (
  update public.orchestration_step_attempts a set status = 'failed', ended_at = now(), error = %(error)s,
    metadata = %(metadata)s
  from public.orchestration_runs r
  where r.id = %(run_id)s and r.status <> 'aborted' and a.run_id = r.id and a.step_id = %(step_id)s
    and a.attempt_number = %(attempt_number)s and a.delivery_id = %(delivery_id)s and a.status = 'running'
  returning a.run_id, a.step_id, a.attempt_number, a.organization_id
), budget as (
  select attempt.*, s.item_of, s.item_index, s.continue_on_failure,
    %(retryable)s and s.failures < %(retry_count)s and r.status in ('running', 'checkpoint') as will_retry,
    case when s.type = 'orchestration' then jsonb_build_object('status', 'failed', 'errorDetails', %(error)s::jsonb)
      else '{}' end as seen_by_dependents
  from attempt
  join public.orchestration_steps s on s.run_id = attempt.run_id and s.step_id = attempt.step_id
  join public.orchestration_runs r on r.id = attempt.run_id
), step as (
  update public.orchestration_steps s set
    status = case when budget.will_retry then 'queued' else 'failed' end,
    completed_at = case when budget.will_retry then null else now() end,
    attempt_number = s.attempt_number + budget.will_retry::int,
    failures = s.failures + 1, error = %(error)s, metadata = s.metadata || %(metadata)s
  from budget where s.run_id = budget.run_id and s.step_id = budget.step_id
), owner as (
  update public.orchestration_steps s set status = 'failed', completed_at = now(), error = %(error)s
  from budget where s.run_id = budget.run_id and s.step_id = budget.item_of and s.status = 'running'
    and not budget.will_retry and not budget.continue_on_failure
), run as (
  update public.orchestration_runs r set
    status = case when budget.continue_on_failure then r.status else 'failed' end,
    completed_at = case when budget.continue_on_failure then null else now() end,
    error = case when budget.continue_on_failure then null else
      jsonb_build_object('stepId', coalesce(budget.item_of, budget.step_id)) || %(error)s end,
    results = case when budget.continue_on_failure and budget.item_of is null
      then jsonb_set(r.results, array['steps', budget.step_id], budget.seen_by_dependents) else r.results end
  from budget where r.id = budget.run_id and not budget.will_retry and r.status in ('running', 'checkpoint')
  returning r.id, r.status
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select budget.run_id, budget.organization_id, e.type, jsonb_strip_nulls(jsonb_build_object(
    'stepId', coalesce(budget.item_of, budget.step_id), 'itemIndex', nullif(budget.item_index, -1)) || e.data)
  from budget, jsonb_build_object('attemptNumber', budget.attempt_number, 'error', %(error)s::jsonb) as failure (told),
  lateral (values
    (1, true, 'orchestration.step.failed', failure.told || jsonb_build_object('willRetry', budget.will_retry)),
    (2, budget.will_retry, 'orchestration.step.queued', jsonb_build_object(
      'attemptNumber', budget.attempt_number + 1, 'reason', 'retry')),
    (3, not budget.will_retry, 'orchestration.step_failed', failure.told || jsonb_build_object(
      'notifyHuman', %(notify_human)s::boolean)),
    (4, exists (select from run where status = 'failed'), 'orchestration.run.failed', failure.told)
  ) as e (position, happened, type, data)
  where e.happened order by e.position
)
select coalesce((select will_retry from budget), a.attempt_number < s.attempt_number) as will_retry,
  exists (select from attempt) or a.status = 'failed' as recorded
from public.orchestration_step_attempts a
join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
where a.run_id = %(run_id)s and a.step_id = %(step_id)s and a.attempt_number = %(attempt_number)s
  and a.delivery_id = %(delivery_id)s;

-- name: skip_step
-- A step whose condition does not hold: its dependents find it done, its outputs null.
with attempt as (
  update public.orchestration_step_attempts a set status = 'completed', ended_at = now(), metadata = '{"reason": "condition"}'
  from public.orchestration_runs r
  where r.id = %(run_id)s and r.status <> 'aborted' and a.run_id = r.id and a.step_id = %(step_id)s
    and a.attempt_number = %(attempt_number)s and a.delivery_id = %(delivery_id)s and a.status = 'running'
  returning a.run_id, a.step_id, a.attempt_number, a.organization_id
), step as (
  update public.orchestration_steps s set status = 'skipped', completed_at = now(), error = null,
    metadata = s.metadata || '{"reason": "condition"}'
  from attempt where s.run_id = attempt.run_id and s.step_id = attempt.step_id
), run as (
  update public.orchestration_runs r set results = jsonb_set(r.results, array['steps', attempt.step_id], '{}')
  from attempt where r.id = attempt.run_id
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select run_id, organization_id, 'orchestration.step.skipped', jsonb_build_object('stepId', step_id,
    'attemptNumber', attempt_number, 'reason', 'condition')
  from attempt
)
select exists (select from attempt) or exists (
  select from public.orchestration_steps s where s.run_id = %(run_id)s and s.step_id = %(step_id)s
    and s.status = 'skipped') as recorded;

-- name: expand_step
-- One row for each item of a for_each step. Items made by an earlier attempt of the step start anew, those beyond the list go.
with owner as (
  select s.* from public.orchestration_steps s
  where s.run_id = %(run_id)s and s.step_id = %(step_id)s and s.status = 'running' and s.attempt_number = %(attempt_number)s
), surplus as (
  delete from public.orchestration_steps i using owner
  where i.run_id = owner.run_id and i.item_of = owner.step_id and i.item_index >= jsonb_array_length(%(items)s)
)
insert into public.orchestration_steps as s (run_id, organization_id, step_id, step_index, agent_slug, mode,
  continue_on_failure, item_of, item_index, item_attempt, item, reads_cache)
select owner.run_id, owner.organization_id, owner.step_id || '[' || item.position - 1 || ']', owner.step_index,
  owner.agent_slug, owner.mode, owner.continue_on_failure, owner.step_id, item.position - 1, owner.attempt_number,
  item.value, owner.reads_cache
from owner, jsonb_array_elements(%(items)s) with ordinality as item (value, position)
on conflict (run_id, step_id) do update set item = excluded.item, item_attempt = excluded.item_attempt, status = 'pending',
  attempt_number = s.attempt_number + 1, failures = 0, outputs = null, error = null, completed_at = null,
  reads_cache = excluded.reads_cache
where s.item_attempt <> excluded.item_attempt;

-- name: settle_step
-- The end of a step that may fail without its run: records the failure if the function could not, and closes its items
-- (abort_orphans ends its child run). Templates see of an orchestration step that it failed, of others nothing. A for_each
-- step failed as its first failed item did. Nobody waits for what its other items are at: whatever comes of that is late.
with found as (
  select r.id, r.organization_id, s.step_id, s.status as step_status, s.attempt_number,
    coalesce(failed_item.error, %(error)s::jsonb) as error,
    -- Of an item that failed, somebody has been told.
    case when failed_item.error is null then coalesce(jsonb_path_query_first(r.plan,
      '$.steps[*] ? (@.id == $step).retry.notifyHuman', jsonb_build_object('step', s.step_id)), 'false')
      else 'false' end as notify_human,
    case when s.type = 'orchestration' then jsonb_build_object('status', 'failed', 'errorDetails', %(error)s::jsonb)
      else '{}' end as seen_by_dependents, case
    when s.status in ('completed', 'skipped', 'failed') and r.status <> 'aborted' then 'stored'
    when r.status in ('completed', 'failed', 'aborted') then 'run_ended'
    when r.generation <> %(generation)s then 'stale_generation'
    when r.digest <> %(digest)s then 'wrong_machine'
    else 'settled' end as outcome
  from public.orchestration_runs r join public.orchestration_steps s on s.run_id = r.id
  left join lateral (
    select i.error from public.orchestration_steps i where i.run_id = s.run_id and i.item_of = s.step_id
      and i.item_attempt = s.attempt_number and i.status = 'failed' order by i.completed_at, i.item_index limit 1
  ) as failed_item on true
  where r.id = %(run_id)s and s.step_id = %(step_id)s
), settled as (
  select * from found where outcome = 'settled'
), steps as (
  update public.orchestration_steps s set
    status = case when s.item_of is null then 'failed' else 'skipped' end, completed_at = now(),
    error = coalesce(s.error, found.error)
  from found where found.outcome in ('settled', 'stored') and s.run_id = found.id
    and (s.item_of = found.step_id or (s.step_id = found.step_id and found.outcome = 'settled'))
    and s.status in ('pending', 'queued', 'running', 'checkpoint')
), attempts as (
  update public.orchestration_step_attempts a set status = 'failed', ended_at = now(), error = found.error
  from found join public.orchestration_steps s on s.run_id = found.id
    and (s.item_of = found.step_id or (s.step_id = found.step_id and found.outcome = 'settled'))
  where found.outcome in ('settled', 'stored') and a.run_id = s.run_id and a.step_id = s.step_id and a.status = 'running'
), run as (
  update public.orchestration_runs r set results = jsonb_set(r.results, array['steps', settled.step_id], settled.seen_by_dependents)
  from settled where r.id = settled.id
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select settled.id, settled.organization_id, e.type, jsonb_build_object('stepId', settled.step_id,
    'attemptNumber', settled.attempt_number, 'error', settled.error) || e.data
  from settled, lateral (values (1, 'orchestration.step.failed', '{"willRetry": false}'::jsonb),
    (2, 'orchestration.step_failed', jsonb_build_object('notifyHuman', notify_human))) as e (position, type, data)
  order by e.position
)
select outcome, step_status from found;
