-- Service tokens. A live one is a member of its organisation, so that every statement that joins membership knows it; what
-- makes, or ends, one does the same to that row at once.

-- name: bearer
-- Whose token it is, by its secret. It is good as long as its membership is there.
select t.id, m.user_id is not null as live
from baton.service_tokens t
left join public.organization_members m on m.organization_id = t.organization_id and m.user_id = t.id and m.kind = 'machine'
where t.id = %(token_id)s and t.secret_hash = %(secret_hash)s;

-- name: tokens
-- The tokens of an organisation, for an admin of it, the newest first. Never what they are checked by.
select t.id, o.slug as organization, t.name, t.roles, t.created_by, t.created_at, t.expires_at, t.revoked_at
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
join baton.service_tokens t on t.organization_id = o.id
where o.slug = %(organization)s
order by t.created_at desc, t.id;

-- name: create_token
-- Makes a token and its membership. The caller's role is looked at again, with the insert. A call that is repeated,
-- because its answer was lost, gets the same answer.
with made as (
  insert into baton.service_tokens as t (id, organization_id, name, roles, secret_hash, created_by, expires_at)
  select %(token_id)s::uuid, o.id, %(name)s::text, %(roles)s::text[], %(secret_hash)s::text, m.user_id,
    %(expires_at)s::timestamptz
  from public.organizations o
  join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
  where o.slug = %(organization)s
  on conflict (id) do update set revoked_at = t.revoked_at
    where t.organization_id = excluded.organization_id and t.secret_hash = excluded.secret_hash
  returning *
), member as (
  insert into public.organization_members (organization_id, user_id, roles, kind, expires_at)
  select organization_id, id, roles, 'machine', expires_at from made where revoked_at is null
  on conflict do nothing
)
select made.id, o.slug as organization, made.name, made.roles, made.created_by, made.created_at, made.expires_at,
  made.revoked_at
from made join public.organizations o on o.id = made.organization_id;

-- name: revoke_token
-- Ends a token: its membership goes with it. Doing it again changes nothing.
with revoked as (
  update baton.service_tokens t set revoked_at = coalesce(t.revoked_at, now())
  from public.organizations o
  join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s and 'admin' = any (m.roles)
  where t.id = %(token_id)s and t.organization_id = o.id and o.slug = %(organization)s
  returning t.*, o.slug
), gone as (
  delete from public.organization_members m using revoked
  where m.organization_id = revoked.organization_id and m.user_id = revoked.id
)
select id, slug as organization, name, roles, created_by, created_at, expires_at, revoked_at from revoked;
