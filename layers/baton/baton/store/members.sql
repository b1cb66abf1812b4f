-- The members of an organisation. Both statements join the caller's membership. Row level security hides an expired
-- membership from every login (see the policy `engine` of organization_members).

-- name: membership
-- The caller's membership of an organisation; no row if the caller is not a member.
select m.roles, m.kind
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
where o.slug = %(organization)s;

-- name: members
-- The people of an organisation, for an admin of it, the oldest membership first, after a cursor.
select p.user_id, o.slug as organization, p.roles, p.created_at
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
join public.organization_members p on p.organization_id = o.id and p.kind = 'person'
where o.slug = %(organization)s and (%(after_at)s::timestamptz is null
  or (p.created_at, p.user_id) > (%(after_at)s::timestamptz, %(after_id)s::uuid))
order by p.created_at, p.user_id
limit %(limit)s;
