-- Going on with runs, and ending them. What concerns a run's children too runs as a boundary of the tree (see tree.sql).

-- name: recovery_terms
-- What an action on a run has to go by, for a member of its organisation.
select r.id as run_id, o.slug as organization, m.roles, r.status, r.generation, r.plan, r.root_run_id, r.parent_run_id,
  r.parameters || r.parameter_overrides as parameters, r.error,
  (select coalesce(jsonb_object_agg(s.step_id, jsonb_build_object('status', s.status, 'continues', s.continue_on_failure,
     'hasChild', exists (select from public.orchestration_runs c where c.parent_run_id = r.id
       and c.parent_step_id = s.step_id and c.parent_attempt = s.attempt_number))), '{}')
   from public.orchestration_steps s where s.run_id = r.id and s.item_of is null) as steps
from public.orchestration_runs r
join public.organizations o on o.id = r.organization_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
where r.id = %(run_id)s;

-- name: recover_run
-- Gives a failed root run its next execution, for an operator of its organisation. Steps that are done answer from the record, steps that the dead execution left
-- at work are taken over, and failed ones are tried again, with a new budget and without the cache. A failed orchestration
-- step keeps its attempt, and so its child run: that is opened again with its own failed steps, all the way down. With `skip`,
-- the named step is done, with outputs that were given for it.
with recursive verdict as (
  select r.*, case
    when r.parent_run_id is not null then 'child'
    when exists (select from baton.outbox o where o.run_id = r.id and o.kind = 'start'
      and o.boundary_id = %(boundary_id)s) then 'same'
    when r.status <> 'failed' or r.generation <> %(generation)s then 'not_failed'
    when %(step_id)s::text is not null and not exists (
      select from public.orchestration_steps s where s.run_id = r.id and s.step_id = %(step_id)s
        and s.status in ('failed', 'queued', 'running')) then 'step_done'
    else 'taken' end as outcome
  from public.orchestration_runs r
  join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
  where r.id = %(run_id)s and 'operator' = any (m.roles)
), tree as (
  select id, status from verdict where outcome = 'taken'
  union all
  select c.id, c.status from tree
  join public.orchestration_steps s on s.run_id = tree.id and s.item_of is null
  join public.orchestration_runs c
    on c.parent_run_id = s.run_id and c.parent_step_id = s.step_id and c.parent_attempt = s.attempt_number
  where c.status <> 'completed' and (s.status in ('pending', 'queued', 'running')
      or (s.status = 'failed' and (not s.continue_on_failure or (s.run_id = %(run_id)s and s.step_id = %(step_id)s)))
      or (s.status = 'skipped' and s.metadata ->> 'reason' = 'aborted'))
    and not (%(skip)s and s.run_id = %(run_id)s and s.step_id = %(step_id)s)
), open_step as (
  select s.*, a.status as attempt_status, q.status as approval_status, q.id as approval_id,
    coalesce(s.run_id = %(run_id)s and s.step_id = %(step_id)s, false) as named,
    coalesce(%(skip)s and s.run_id = %(run_id)s and %(step_id)s in (s.step_id, s.item_of), false) as skipped,
    s.type = 'orchestration' or exists (select from public.orchestration_steps i where i.run_id = s.run_id
      and i.item_of = s.step_id and i.item_attempt = s.attempt_number and i.status = 'failed' and not i.continue_on_failure
      and not (%(modified)s and i.run_id = %(run_id)s and i.item_of = %(step_id)s)) as keeps_attempt
  from tree
  join public.orchestration_steps s on s.run_id = tree.id
  left join public.orchestration_step_attempts a
    on a.run_id = s.run_id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
  left join public.human_approvals q
    on q.run_id = s.run_id and q.step_id = s.step_id and q.attempt_number = s.attempt_number
  where s.status in ('queued', 'running')
    or (s.status = 'failed' and (not s.continue_on_failure or (s.run_id = %(run_id)s and s.step_id = %(step_id)s)))
    or (s.status = 'skipped' and s.metadata ->> 'reason' = 'aborted' and tree.status = 'aborted')
    or (s.status = 'pending' and s.item_of = %(step_id)s and %(skip)s)
), goal as (
  select open_step.*, case
    when skipped then 'skipped'
    -- It had done its work and waited for a person: the question is asked again.
    when status = 'failed' and keeps_attempt and approval_status = 'expired' then 'checkpoint'
    when status = 'skipped' and attempt_status = 'completed' and approval_status is distinct from 'decided' then 'checkpoint'
    when status in ('failed', 'skipped') or (named and %(modified)s) then 'pending'
    else status end as goal,
    -- Other input, or work that was turned down: that is another attempt. The rest goes on with the one it has.
    not skipped and ((status = 'failed' and not keeps_attempt) or (named and %(modified)s and not keeps_attempt)
      or (status = 'skipped' and approval_status is not distinct from 'decided')) as anew
  from open_step
), steps as (
  update public.orchestration_steps s set
    status = goal.goal, attempt_number = s.attempt_number + goal.anew::int, failures = 0,
    completed_at = case when goal.skipped then now() end,
    error = case when goal.goal in ('queued', 'running') then s.error end,
    outputs = case when goal.skipped and goal.named then %(outputs)s::jsonb else s.outputs end,
    reads_cache = s.reads_cache and goal.status <> 'failed' and not (goal.named and %(modified)s),
    -- Whoever is tried again hears why; what was changed is told to the named step, which alone it concerns.
    reviews = case
      when %(skip)s or goal.item_of is not null or not (goal.named or goal.status = 'failed') then s.reviews
      else s.reviews || jsonb_build_array(jsonb_build_object('attemptNumber', goal.attempt_number,
        'notes', %(note)s::text, 'modifications', case when goal.named then %(modifications)s::jsonb else '{}' end)) end,
    metadata = case when goal.skipped then s.metadata || '{"reason": "skipped"}' else s.metadata - 'reason' end
  from goal where s.run_id = goal.run_id and s.step_id = goal.step_id
), attempts as (
  update public.orchestration_step_attempts a set
    status = case when goal.anew or goal.skipped then 'failed' else 'running' end,
    ended_at = case when goal.anew or goal.skipped then now() end,
    error = case when goal.anew or goal.skipped then a.error end,
    lease_until = now()
  from goal where a.run_id = goal.run_id and a.step_id = goal.step_id and a.attempt_number = goal.attempt_number
    and ((a.status = 'running' and (goal.anew or goal.skipped))
      or (a.status <> 'running' and goal.status = 'failed' and goal.keeps_attempt and goal.goal = 'pending'))
), asked_again as (
  -- As if it had never been answered: what the clock said must not reach the Task that waits for a person now.
  update public.human_approvals q set status = 'pending', closed_reason = null, decision = null, decided_at = null,
    notes = null, modifications = null, expires_at = case when q.expires_at is not null then now() + make_interval(secs =>
      (jsonb_path_query_first(r.plan, '$.steps[*] ? (@.id == $step).checkpoint.timeoutSeconds',
        jsonb_build_object('step', q.step_id)) #>> '{}')::int) end
  from goal join public.orchestration_runs r on r.id = goal.run_id
  where q.id = goal.approval_id and goal.goal = 'checkpoint'
  returning q.*
), not_asked as (
  insert into public.human_approvals as q (run_id, organization_id, step_id, attempt_number, status, closed_reason,
    decision, question, options)
  select goal.run_id, goal.organization_id, goal.step_id, goal.attempt_number, 'closed', 'skipped', 'continue',
    checkpoint.value ->> 'question', checkpoint.value -> 'options'
  from goal, verdict, jsonb_path_query(verdict.plan, '$.steps[*] ? (@.id == $step).checkpoint ? (@.type() == "object")',
    jsonb_build_object('step', goal.step_id)) as checkpoint (value)
  where goal.skipped and goal.named
  on conflict (run_id, step_id, attempt_number) do update set status = 'closed', closed_reason = 'skipped',
    decision = 'continue'
), runs as (
  update public.orchestration_runs r set
    generation = r.generation + 1, completed_at = null, error = null,
    status = case
      when tree.status in ('pending', 'running', 'checkpoint') then tree.status
      when exists (select from goal where goal.run_id = r.id and goal.goal = 'checkpoint' and goal.approval_id is not null)
        then 'checkpoint'
      when exists (select from public.human_approvals q where q.run_id = r.id and q.status = 'pending') then 'checkpoint'
      when r.started_at is null then 'pending'
      else 'running' end,
    parameter_overrides = case when r.id = %(run_id)s then r.parameter_overrides || %(overrides)s::jsonb
      else r.parameter_overrides end,
    results = case when r.id = %(run_id)s and %(skip)s
      then jsonb_set(r.results, array['steps', %(step_id)s::text], %(outputs)s::jsonb) else r.results end
  from tree where r.id = tree.id
  returning r.id, r.organization_id, r.parent_run_id, r.depth, r.machine, r.generation, tree.status as was
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select runs.id, runs.organization_id, e.type, jsonb_strip_nulls(e.data)
  from runs, lateral (
    select 1 as position, 'orchestration.step.skipped' as type, jsonb_build_object('stepId', goal.step_id,
      'attemptNumber', goal.attempt_number, 'reason', 'skipped', 'skippedBy', %(user_id)s::text, 'note', %(note)s::text) as data
    from goal where goal.run_id = runs.id and goal.skipped and goal.named
    union all
    select 2, 'orchestration.run.updated', jsonb_build_object('previousStatus', runs.was, 'reason', 'retried',
      'retriedBy', %(user_id)s::text, 'note', %(note)s::text,
      'stepIds', (select coalesce(jsonb_agg(distinct coalesce(goal.item_of, goal.step_id)), '[]') from goal
        where goal.run_id = runs.id and not goal.skipped))
    where runs.was in ('failed', 'aborted')
    union all
    select 3, 'orchestration.checkpoint.requested', jsonb_build_object('stepId', q.step_id,
      'attemptNumber', q.attempt_number, 'approvalId', q.id, 'question', q.question,
      'actions', jsonb_path_query_array(q.options, '$[*].action'), 'reviewUrl', q.review_url,
      'expiresAt', to_char(q.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    from asked_again q where q.run_id = runs.id
  ) as e
  order by runs.depth, e.position
), effects as (
  insert into baton.outbox (run_id, kind, payload)
  select runs.id, e.kind, jsonb_build_object('machine', runs.machine, 'generation', e.generation) || e.more
  from runs, lateral (values
    (1, runs.parent_run_id is null or runs.was in ('running', 'checkpoint'), 'stop', runs.generation - 1,
      '{"reason": "RunRecovered", "detail": "the run goes on with its next execution"}'::jsonb),
    (2, runs.parent_run_id is null, 'start', runs.generation, '{}')
  ) as e (position, happens, kind, generation, more)
  where e.happens order by runs.depth, e.position
)
select outcome, status as run_status, root_run_id, generation + (outcome = 'taken')::int as generation from verdict;

-- name: move_run
-- Gives an open root run its next execution, on a machine made for it, because the one it was on has changed. Its open
-- children are given their next executions by that one.
with moved as (
  update public.orchestration_runs set generation = generation + 1, machine = %(machine)s, digest = %(digest)s
  where id = %(run_id)s and generation = %(generation)s and status in ('pending', 'running', 'checkpoint')
    and parent_run_id is null
  returning *
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select id, organization_id, 'orchestration.run.updated', jsonb_build_object('previousStatus', status, 'reason', 'moved')
  from moved
), start as (
  insert into baton.outbox (run_id, kind, payload)
  select id, 'start', jsonb_build_object('machine', machine, 'generation', generation) from moved
)
select 'moved' as outcome from moved;

-- name: plan_of_run
-- What a run's machine is compiled from, and whether it is a child, which is started by its parent's machine. A child may have
-- been settled already, when its parent collected it.
select r.plan, r.machine, r.parent_run_id is not null as is_child from public.orchestration_runs r
where r.id = %(run_id)s and r.generation = %(generation)s and r.engine_id = %(engine_id)s
  and (r.parent_run_id is not null or r.status in ('pending', 'running', 'checkpoint'));

-- name: repin_run
-- Another machine for a child run's next execution.
update public.orchestration_runs set machine = %(machine)s, digest = %(digest)s where id = %(run_id)s;

-- name: claim_checks
-- Open root runs of this engine in which nothing has happened for a while and whose execution was not looked at for a while.
-- One that is yet to be started is left alone.
with due as (
  select r.id, r.machine, r.generation from public.orchestration_runs r
  left join baton.execution_checks c on c.run_id = r.id
  where r.engine_id = %(engine_id)s and r.parent_run_id is null and r.status in ('pending', 'running', 'checkpoint')
    and (c.checked_at is null or c.checked_at < now() - make_interval(secs => %(again_seconds)s))
    and not exists (select from baton.outbox o where o.run_id = r.id and o.kind = 'start')
    and not exists (select from public.orchestration_events e where e.run_id = r.id
      and e.created_at > now() - make_interval(secs => %(quiet_seconds)s))
  order by c.checked_at nulls first, r.created_at limit %(limit)s
), checked as (
  insert into baton.execution_checks (run_id) select id from due
  on conflict (run_id) do update set checked_at = now()
)
select id, machine, generation from due;

-- name: orphaned_trees
-- Ended runs of this engine with an open run directly below them.
select distinct p.id from public.orchestration_runs c join public.orchestration_runs p on p.id = c.parent_run_id
where c.engine_id = %(engine_id)s and c.status in ('pending', 'running', 'checkpoint')
  and p.status in ('completed', 'failed', 'aborted')
  and p.completed_at < now() - make_interval(secs => %(quiet_seconds)s)
limit %(limit)s;

-- name: adopt_runs
-- The next generation of every open root run of this engine (each starts its children anew itself). Their executions are known to be gone; completed steps answer at once.
with run as (
  update public.orchestration_runs set generation = generation + 1
  where engine_id = %(engine_id)s and status in ('pending', 'running', 'checkpoint') and parent_run_id is null
  returning id, machine, generation
), start as (
  insert into baton.outbox (run_id, kind, payload, available_at)
  select id, 'start', jsonb_build_object('machine', machine, 'generation', generation), now() from run
)
select id, generation from run;
