-- What failed in the outbox, as people see it: never a payload, which nobody needs and in which nothing can leak so.
-- Every statement joins the caller's membership.

-- name: roles
-- The caller's roles in each of their organisations.
select g.slug as organization, m.roles
from public.organization_members m join public.organizations g on g.id = m.organization_id
where m.user_id = %(user_id)s;

-- name: roles_for
-- The caller's roles in the organisation of one effect.
select m.roles
from baton.outbox o
join public.orchestration_runs r on r.id = o.run_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
where o.id = %(id)s;

-- name: failed
-- What was tried at least so often, oldest first. This goes through whatever failed, also elsewhere; the LIMIT inside
-- keeps it from going through all runs of an organisation instead.
with own as materialized (
  select g.id, g.slug as organization
  from public.organizations g
  join public.organization_members m on m.organization_id = g.id and m.user_id = %(user_id)s
  where g.slug = any (%(organizations)s)
)
select o.id, o.run_id, run.organization, o.kind, o.failures, coalesce(o.last_error, '') as last_error,
  o.available_at as next_try_at, o.created_at
from baton.outbox o
cross join lateral (
  select own.organization from public.orchestration_runs r join own on own.id = r.organization_id where r.id = o.run_id
  limit 1
) run
where o.failures > 0 and o.failures >= %(failures)s
order by o.position limit %(limit)s;

-- name: redrive
-- Makes one due at once.
update baton.outbox o set available_at = now()
from public.orchestration_runs r
join public.organizations g on g.id = r.organization_id
join public.organization_members m on m.organization_id = g.id and m.user_id = %(user_id)s
where o.id = %(id)s and o.failures > 0 and r.id = o.run_id
returning o.id, o.run_id, g.slug as organization, o.kind, o.failures, coalesce(o.last_error, '') as last_error,
  o.available_at as next_try_at, o.created_at;

-- name: redrive_all
-- Makes everything that failed in some organisations due at once.
with redriven as (
  update baton.outbox o set available_at = now()
  from public.orchestration_runs r
  join public.organizations g on g.id = r.organization_id
  join public.organization_members m on m.organization_id = g.id and m.user_id = %(user_id)s
  where o.failures > 0 and r.id = o.run_id and g.slug = any (%(organizations)s)
  returning 1
)
select count(*) as redriven from redriven;
