-- The reads of the library. Every statement joins the caller's membership.

-- name: membership
-- The organisation of a slug with the caller's roles in it; no row if the caller is not a member.
select o.id, o.slug, m.roles
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
where o.slug = %(organization)s;

-- name: visible_agents
-- The agents that an organisation can use; of two with one slug, its own.
select distinct on (a.slug) a.slug, o.slug as organization, a.kind, a.source is null as bundled, a.orchestrations
from public.agents a
join public.organizations o on o.id = a.organization_id
where o.slug in (%(organization)s, 'global') and exists (
  select from public.organization_members m join public.organizations mo on mo.id = m.organization_id
  where mo.slug = %(organization)s and m.user_id = %(user_id)s)
order by a.slug, o.slug = 'global';

-- name: visible_definitions
-- The newest version of each definition that an organisation can use, without archived ones, one row for each owner.
-- `is_first` marks the row of a name that a step without an owner runs: the organisation's own before a shared one.
select distinct on (d.name, d.owner_agent_slug) d.name, o.slug as organization, d.owner_agent_slug as owner, d.plan,
  row_number() over (partition by d.name order by o.slug = 'global', string_to_array(d.version, '.')::int[] desc) = 1
    as is_first
from public.orchestration_definitions d
join public.organizations o on o.id = d.organization_id
where o.slug in (%(organization)s, 'global') and d.archived_at is null and exists (
  select from public.organization_members m join public.organizations mo on mo.id = m.organization_id
  where mo.slug = %(organization)s and m.user_id = %(user_id)s)
order by d.name, d.owner_agent_slug, o.slug = 'global', string_to_array(d.version, '.')::int[] desc;

-- name: visible_versions
-- Every version that an organisation can use, with its child definitions; of two with one name and version, its own.
select distinct on (d.name, d.version) d.name, d.version,
  jsonb_path_query_array(d.plan, '$.steps[*].child ? (@.type() == "object")') as runs
from public.orchestration_definitions d
join public.organizations o on o.id = d.organization_id
where o.slug in (%(organization)s, 'global') and exists (
  select from public.organization_members m join public.organizations mo on mo.id = m.organization_id
  where mo.slug = %(organization)s and m.user_id = %(user_id)s)
order by d.name, d.version, o.slug = 'global';

-- name: definition
-- One version of an organisation's own definition.
select d.id, o.slug as organization, d.plan, d.digest, d.machine, d.source, d.created_at, d.archived_at
from public.orchestration_definitions d
join public.organizations o on o.id = d.organization_id
join public.organization_members m on m.organization_id = d.organization_id and m.user_id = %(user_id)s
where d.organization_id = %(organization_id)s and d.name = %(name)s and d.version = %(version)s;

-- name: agent
-- One agent of an organisation's own.
select a.slug, o.slug as organization, a.display_name, a.description, a.kind, a.transport, a.accepts, a.orchestrations,
  a.source, a.created_at, a.updated_at
from public.agents a
join public.organizations o on o.id = a.organization_id
join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
where a.organization_id = %(organization_id)s and a.slug = %(slug)s;
