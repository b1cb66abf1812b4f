-- Child runs (see boundary.sql for what stands around each boundary; the lock is the parent's).

-- name: insert_child
-- The child run of an orchestration step's attempt, or the next generation of the one that is there already: its last
-- execution is gone, because only this step starts it. One that has ended is left as it is. A call whose Task state was tried
-- again meanwhile gets nothing: the later try's answer is the one that is listened to, and its generation must stay the last.
-- What people said of the parent's step is told to the child's first steps, which begin its work anew.
with parent as (
  select r.*, s.step_id, s.attempt_number from public.orchestration_runs r
  join public.orchestration_steps s on s.run_id = r.id
  join public.orchestration_step_attempts a
    on a.run_id = s.run_id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
  where r.id = %(run_id)s and s.step_id = %(step_id)s and s.status = 'running' and s.attempt_number = %(attempt_number)s
    and a.attempt_key = %(attempt_key)s
), child as (
  insert into public.orchestration_runs as c (id, organization_id, definition_id, definition_name, definition_version,
    owner_agent_slug, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, options, root_run_id, parent_run_id,
    parent_step_id, parent_attempt, depth)
  select %(child_id)s::uuid, parent.organization_id, d.id, d.name, d.version, d.owner_agent_slug, %(parameters)s::jsonb,
    d.plan, d.digest, d.machine, parent.engine_id, parent.execution_prefix, parent.launched_by, parent.options, parent.root_run_id, parent.id,
    parent.step_id, parent.attempt_number, parent.depth + 1
  from parent join public.orchestration_definitions d on d.id = %(definition_id)s
  on conflict (id) do update set generation = c.generation + 1 where c.status in ('pending', 'running', 'checkpoint')
  returning c.*
), steps as (
  insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, priority, type, agent_slug,
    mode, depends_on, continue_on_failure, reviews, reads_cache)
  select child.id, child.organization_id, p.id, p.index, coalesce(p.priority, 1), p.type, p.agent, p.mode,
    array(select jsonb_array_elements_text(p."dependsOn")),
    coalesce(p."continueOnFailure", false) or p."onChildFailure" is not distinct from 'continue',
    case when p."dependsOn" = '[]' then %(reviews)s::jsonb else '[]' end, p."dependsOn" <> '[]' or %(reviews)s = '[]'
  from child, jsonb_to_recordset(child.plan -> 'steps') as p (id text, index int, priority int, type text, agent text,
    mode text,
    "dependsOn" jsonb, "continueOnFailure" boolean, "onChildFailure" text)
  where child.generation = 1
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select id, organization_id, 'orchestration.run.created', jsonb_build_object('launchedBy', launched_by,
    'ownerAgent', owner_agent_slug, 'parentStepId', parent_step_id)
  from child where child.generation = 1
)
select id, status, machine, generation from child
union all
select id, status, machine, generation from public.orchestration_runs
where id = %(child_id)s and status in ('completed', 'failed', 'aborted');
