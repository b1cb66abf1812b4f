-- Launching a run. Every statement joins the caller's membership; those that write look at the role again.

-- name: launch_context
-- The caller's roles in the organisation, whether the idempotency key made a run there before, and the newest (or the
-- named) version of the definition that it can launch: its own before the shared ones, or the shared ones alone; where an
-- agent is addressed, those that it owns. No row: no such organisation, or the caller is not a member.
select o.id as organization_id, m.roles, agent.slug as agent_slug, d.id as definition_id, d.name, d.version,
  d.plan, exists (
    select from baton.idempotency_keys k where k.organization_id = o.id and k.key = %(idempotency_key)s::text
  ) as key_is_used
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
left join lateral (
  select g.slug from public.agents g join public.organizations go on go.id = g.organization_id
  where g.slug = %(agent)s and (go.slug = 'global' or (go.id = o.id and not %(shared_only)s)) limit 1
) as agent on true
left join lateral (
  select d.* from public.orchestration_definitions d join public.organizations d_o on d_o.id = d.organization_id
  where d.name = %(orchestration)s and (%(version)s::text is null or d.version = %(version)s) and d.archived_at is null
    and (d_o.slug = 'global' or (d_o.id = o.id and not %(shared_only)s))
    and coalesce(%(agent)s::text, d.owner_agent_slug) = d.owner_agent_slug
  order by d_o.slug = 'global', string_to_array(d.version, '.')::int[] desc limit 1
) as d on true
where o.slug = %(organization)s;

-- name: claim_idempotency_key
-- Of any number of launches with one key, one gets it; the others wait here until it has committed.
insert into baton.idempotency_keys (organization_id, key, request_hash, run_id)
select m.organization_id, %(idempotency_key)s::text, %(request_hash)s::text, %(run_id)s::uuid
from public.organization_members m
where m.organization_id = %(organization_id)s and m.user_id = %(user_id)s and 'operator' = any (m.roles)
  and %(idempotency_key)s::text is not null
on conflict (organization_id, key) do nothing;

-- name: insert_run
-- The run, its steps, its first event and the order to start its execution; nothing if another launch owns the key.
with run as (
  insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
    owner_agent_slug, parameters, plan, digest, machine, engine_id, launched_by, options, root_run_id)
  select %(run_id)s::uuid, m.organization_id, d.id, d.name, d.version, d.owner_agent_slug, %(parameters)s, d.plan,
    d.digest, d.machine, %(engine_id)s::text, m.user_id, %(options)s::jsonb, %(run_id)s::uuid
  from public.organization_members m
  join public.orchestration_definitions d on d.id = %(definition_id)s
  join public.organizations d_o on d_o.id = d.organization_id and (d_o.id = m.organization_id or d_o.slug = 'global')
  where m.organization_id = %(organization_id)s and m.user_id = %(user_id)s and 'operator' = any (m.roles)
    and (%(idempotency_key)s::text is null or exists (
    select from baton.idempotency_keys k where k.organization_id = m.organization_id
      and k.key = %(idempotency_key)s and k.run_id = %(run_id)s))
  on conflict (id) do nothing
  returning *
), steps as (
  insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, priority, type, agent_slug,
    mode, depends_on, continue_on_failure)
  select run.id, run.organization_id, p.id, p.index, coalesce(p.priority, 1), p.type, p.agent, p.mode,
    array(select jsonb_array_elements_text(p."dependsOn")),
    coalesce(p."continueOnFailure", false) or p."onChildFailure" is not distinct from 'continue'
  from run, jsonb_to_recordset(run.plan -> 'steps') as p (id text, index int, priority int, type text, agent text,
    mode text,
    "dependsOn" jsonb, "continueOnFailure" boolean, "onChildFailure" text)
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select id, organization_id, 'orchestration.run.created', jsonb_build_object('launchedBy', launched_by,
    'ownerAgent', owner_agent_slug)
  from run
), start as (
  insert into baton.outbox (run_id, kind, payload)
  select id, 'start', jsonb_build_object('machine', machine, 'generation', generation) from run
)
select id from run;

-- name: ordered_start
-- The order to start the run's execution, if this launch made the run. Its events go out with the run's first boundary, a moment
-- later, so that nobody who launches waits for them.
select o.id, o.run_id, o.kind, o.payload
from baton.outbox o
join public.orchestration_runs r on r.id = o.run_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
where o.run_id = %(run_id)s and o.kind = 'start';

-- name: launched_run
-- The run that this launch, or an earlier one with the same key, made.
select r.id, r.status, r.definition_id, r.owner_agent_slug, r.plan, k.request_hash
from public.orchestration_runs r
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
left join baton.idempotency_keys k on k.run_id = r.id
where case when %(idempotency_key)s::text is null then r.id = %(run_id)s
  else k.organization_id = %(organization_id)s and k.key = %(idempotency_key)s end;
