-- The rights on effects that failed.

-- name: roles
-- The caller's roles in each of their organisations.
select g.slug as organization, m.roles
from public.organization_members m join public.organizations g on g.id = m.organization_id
where m.user_id = %(user_id)s;
