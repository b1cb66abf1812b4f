-- What a launch needs to know. Every statement joins the caller's membership.

-- name: launch_context
-- The caller's roles in the organisation, whether the idempotency key made a run there before, and the newest (or the
-- named) version of the definition that it can launch: its own before the shared ones, or the shared ones alone; where an
-- agent is addressed, those that it owns. No row: no such organisation, or the caller is not a member.
select o.id as organization_id, m.roles, agent.slug as agent_slug, d.id as definition_id, d.name, d.version,
  d.plan, baton.run_of_key(%(user_id)s::uuid, o.id, %(idempotency_key)s::text) is not null as key_is_used
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

-- name: earlier_run
-- The run that was made with an idempotency key.
select r.id, r.status, r.definition_id as "definitionId", r.owner_agent_slug as "ownerAgent", r.plan,
  made.run ->> 'requestHash' as "requestHash"
from baton.run_of_key(%(user_id)s::uuid, %(organization_id)s::uuid, %(idempotency_key)s) as made (run)
join public.orchestration_runs r on r.id = (made.run ->> 'runId')::uuid;
