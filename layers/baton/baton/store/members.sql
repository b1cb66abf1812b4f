-- Who belongs to an organisation. Every statement joins the caller's membership; an expired one is hidden from every login by
-- row level security (see the policy `engine` of organization_members).

-- name: standing
-- What the caller is in an organisation; no row if not a member.
select m.roles, m.kind
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
where o.slug = %(organization)s;

-- name: members
-- The people of an organisation, for an admin of it, in the order in which they came.
select p.user_id, o.slug as organization, p.roles, p.created_at
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
join public.organization_members p on p.organization_id = o.id and p.kind = 'person'
where o.slug = %(organization)s
order by p.created_at, p.user_id;

-- name: lock_admins
-- Holds the people who are admins, for an admin: of two that would remove each other, the second finds the first one gone.
select p.user_id
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
join public.organization_members p on p.organization_id = o.id and p.kind = 'person' and 'admin' = any (p.roles)
where o.slug = %(organization)s
order by p.user_id for update of p;

-- name: put_member
-- Adds somebody, or replaces their roles. Not so that no person is left who is admin, and never what is a service token, of
-- whatever organisation: that has the roles it was made with, where it was made.
with verdict as (
  select o.id, o.slug, case
    when exists (select from baton.service_tokens t where t.id = %(member_id)s) then 'machine'
    when 'admin' = any (p.roles) and not 'admin' = any (%(roles)s::text[]) and not exists (
      select from public.organization_members other
      where other.organization_id = o.id and other.kind = 'person' and other.user_id <> p.user_id
        and 'admin' = any (other.roles)
    ) then 'last_admin'
    else 'put' end as outcome
  from public.organizations o
  join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
  left join public.organization_members p on p.organization_id = o.id and p.user_id = %(member_id)s
  where o.slug = %(organization)s
), put as (
  insert into public.organization_members (organization_id, user_id, roles)
  select id, %(member_id)s::uuid, %(roles)s::text[] from verdict where outcome = 'put'
  on conflict (organization_id, user_id) do update set roles = excluded.roles
  returning user_id, roles, created_at, xmax = 0 as added
)
select verdict.outcome, verdict.slug as organization, put.*
from verdict left join put on true;

-- name: remove_member
-- Takes somebody's membership away, unless no person would be left who is admin.
with verdict as (
  select o.id, case
    when p.user_id is null then 'not_found'
    when p.kind = 'machine' then 'machine'
    when 'admin' = any (p.roles) and not exists (
      select from public.organization_members other
      where other.organization_id = o.id and other.kind = 'person' and other.user_id <> p.user_id
        and 'admin' = any (other.roles)
    ) then 'last_admin'
    else 'removed' end as outcome
  from public.organizations o
  join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
  left join public.organization_members p on p.organization_id = o.id and p.user_id = %(member_id)s
  where o.slug = %(organization)s
), removed as (
  delete from public.organization_members p using verdict
  where verdict.outcome = 'removed' and p.organization_id = verdict.id and p.user_id = %(member_id)s
)
select outcome from verdict;
