-- Forks: new runs that begin with what an earlier one has done. Every statement joins the caller's membership.

-- name: fork_source
-- The run to fork, for a member of its organisation, with what its steps have done, and the version of its definition that
-- the fork follows: its own, or the named one of the same name, unless it was archived; and whether the idempotency key made a
-- run before.
select r.organization_id, o.slug as organization, m.roles, r.definition_name, r.options,
  r.parameters || r.parameter_overrides as parameters, d.id as definition_id, d.plan, d.owner_agent_slug, exists (
    select from baton.idempotency_keys k where k.organization_id = r.organization_id and k.key = %(idempotency_key)s::text
  ) as key_is_used,
  (select coalesce(jsonb_object_agg(s.step_id, jsonb_build_object('status', s.status, 'outputs', s.outputs,
     'attemptNumber', s.attempt_number, 'reason', s.metadata -> 'reason')), '{}')
   from public.orchestration_steps s where s.run_id = r.id and s.item_of is null) as steps
from public.orchestration_runs r
join public.organizations o on o.id = r.organization_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
left join lateral (
  select d.* from public.orchestration_definitions d join public.organizations d_o on d_o.id = d.organization_id
  where d.archived_at is null and case when %(version)s::text is null then d.id = r.definition_id
    else d.name = r.definition_name and d.version = %(version)s
      and (d_o.slug = 'global' or (d_o.id = r.organization_id and not r.options ? 'sharedOnly')) end
  order by d_o.slug = 'global' limit 1
) as d on true
where r.id = %(source_run_id)s;

-- name: insert_fork
-- The run with its steps, of which the reused ones are done; its first event and the order to start its execution. Nobody is
-- asked about what is reused: an approval that is closed says so. Nothing if another request owns the key.
with run as (
  insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
    owner_agent_slug, parameters, parameter_overrides, plan, results, digest, machine, engine_id, execution_prefix, launched_by, options,
    root_run_id, forked_from_run_id, forked_from_step_id)
  select %(run_id)s::uuid, m.organization_id, d.id, d.name, d.version, d.owner_agent_slug, %(parameters)s, %(overrides)s,
    d.plan, jsonb_build_object('steps', %(results)s::jsonb), d.digest, d.machine, %(engine_id)s::text, %(execution_prefix)s::text,
    m.user_id, %(options)s::jsonb, %(run_id)s::uuid, source.id, %(step_id)s::text
  from public.orchestration_runs source
  join public.organization_members m on m.organization_id = source.organization_id and m.user_id = %(user_id)s
    and 'operator' = any (m.roles)
  join public.orchestration_definitions d on d.id = %(definition_id)s
  join public.organizations d_o on d_o.id = d.organization_id and (d_o.id = m.organization_id or d_o.slug = 'global')
  where source.id = %(source_run_id)s and (%(idempotency_key)s::text is null or exists (
    select from baton.idempotency_keys k where k.organization_id = m.organization_id
      and k.key = %(idempotency_key)s and k.run_id = %(run_id)s))
  on conflict (id) do nothing
  returning *
), planned as (
  select run.id as run_id, run.organization_id, p.*, %(reused)s::jsonb -> p.id as reused,
    -- What people said of the step in the earlier run stays in force; its attempts stay there.
    coalesce((select jsonb_agg(review - 'attemptNumber' order by place) from public.orchestration_steps s,
      jsonb_array_elements(s.reviews) with ordinality as said (review, place)
      where s.run_id = %(source_run_id)s and s.step_id = p.id and s.item_of is null), '[]') || case
      when p.id = %(step_id)s and (%(note)s::text is not null or %(modifications)s::jsonb <> '{}')
      then jsonb_build_array(jsonb_build_object('notes', %(note)s::text, 'modifications', %(modifications)s::jsonb))
      else '[]' end as reviews
  from run, jsonb_to_recordset(run.plan -> 'steps') as p (id text, index int, priority int, type text, agent text,
    mode text,
    "dependsOn" jsonb, "continueOnFailure" boolean, "onChildFailure" text, checkpoint jsonb)
), steps as (
  insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, priority, type, agent_slug,
    mode, depends_on, continue_on_failure, status, outputs, completed_at, reviews, reads_cache, metadata)
  select run_id, organization_id, id, index, coalesce(priority, 1), type, agent, mode,
    array(select jsonb_array_elements_text("dependsOn")),
    coalesce("continueOnFailure", false) or "onChildFailure" is not distinct from 'continue',
    coalesce(reused ->> 'status', 'pending'), nullif(reused -> 'outputs', 'null'),
    case when reused is not null then now() end,
    reviews, id <> %(step_id)s and reviews = '[]',
    case when reused is null then '{}' else jsonb_strip_nulls(jsonb_build_object('reason', reused -> 'reason',
      'reusedFrom', jsonb_build_object('runId', %(source_run_id)s::text, 'attemptNumber', reused -> 'attemptNumber'))) end
  from planned
), approvals as (
  insert into public.human_approvals (run_id, organization_id, step_id, attempt_number, status, closed_reason, decision,
    question, options)
  select run_id, organization_id, id, 1, 'closed', 'reused', 'continue', checkpoint ->> 'question', checkpoint -> 'options'
  from planned where reused is not null and jsonb_typeof(checkpoint) = 'object'
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select id, organization_id, 'orchestration.run.created', jsonb_build_object('launchedBy', launched_by,
    'ownerAgent', owner_agent_slug, 'forkedFrom', jsonb_strip_nulls(jsonb_build_object('runId', forked_from_run_id,
      'stepId', forked_from_step_id, 'note', %(note)s::text,
      'reusedStepIds', (select coalesce(jsonb_agg(id order by index), '[]') from planned where reused is not null))))
  from run
), start as (
  insert into baton.outbox (run_id, kind, payload)
  select id, 'start', jsonb_build_object('machine', machine, 'generation', generation) from run
)
select id from run;
