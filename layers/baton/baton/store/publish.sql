-- Publishing: what an organisation can use, and what it adds. Every statement joins the caller's membership.

-- name: membership
-- The organisation of a slug with the caller's roles in it; no row if the caller is not a member.
select o.id, o.slug, m.roles
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
where o.slug = %(organization)s;

-- name: visible_agents
-- The agents that an organisation can use; of two of one name, its own.
select distinct on (a.slug) a.slug, o.slug as organization, a.kind, a.source is null as bundled, a.orchestrations
from public.agents a
join public.organizations o on o.id = a.organization_id
where o.slug in (%(organization)s, 'global') and exists (
  select from public.organization_members m join public.organizations mo on mo.id = m.organization_id
  where mo.slug = %(organization)s and m.user_id = %(user_id)s)
order by a.slug, o.slug = 'global';

-- name: visible_definitions
-- The newest version of each definition that an organisation can use and that is not archived, one for each owner; of all
-- of one name, `is_first` is the one that is run where no owner is named: its own.
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
-- Every version that an organisation can use, with what it runs; of two of one name and version, its own.
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

-- name: add_definition
-- A version, unless it is there: a version never changes. The caller's role is looked at again, with the insert.
insert into public.orchestration_definitions (organization_id, name, version, display_name, description, owner_agent_slug,
  source, plan, digest, machine, published_by)
select m.organization_id, %(name)s::text, %(version)s::text, %(display_name)s::text, %(description)s::text, %(owner)s::text,
  %(source)s::text, %(plan)s::jsonb, %(digest)s::text, %(machine)s::text, m.user_id
from public.organization_members m
where m.organization_id = %(organization_id)s and m.user_id = %(user_id)s and 'admin' = any (m.roles)
on conflict (organization_id, name, version) do nothing
returning id;

-- name: archive_definition
-- Takes a version out of use; one that is archived already stays as it is. The caller's role is looked at again, with the
-- update.
update public.orchestration_definitions d set archived_at = now()
from public.organization_members m
where m.organization_id = d.organization_id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
  and d.organization_id = %(organization_id)s and d.name = %(name)s and d.version = %(version)s
  and d.archived_at is null;

-- name: agent
-- One agent of an organisation's own.
select a.slug, o.slug as organization, a.display_name, a.description, a.kind, a.transport, a.orchestrations, a.source,
  a.created_at, a.updated_at
from public.agents a
join public.organizations o on o.id = a.organization_id
join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
where a.organization_id = %(organization_id)s and a.slug = %(slug)s;

-- name: put_agent
-- Adds an agent, or replaces one that was published, and that is of the same kind. The caller's role is looked at again.
insert into public.agents (organization_id, slug, display_name, description, kind, transport, orchestrations, source,
  published_by)
select m.organization_id, %(slug)s::text, %(display_name)s::text, %(description)s::text, %(kind)s::text,
  %(transport)s::jsonb, %(orchestrations)s::text[], %(source)s::text, m.user_id
from public.organization_members m
where m.organization_id = %(organization_id)s and m.user_id = %(user_id)s and 'admin' = any (m.roles)
on conflict (organization_id, slug) do update set display_name = excluded.display_name,
  description = excluded.description, transport = excluded.transport, orchestrations = excluded.orchestrations,
  source = excluded.source, published_by = excluded.published_by, updated_at = now()
where agents.source is not null and agents.kind = excluded.kind
returning xmax = 0 as added;
