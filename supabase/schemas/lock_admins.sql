-- Locks the people who are admins of an organisation: of two admins who remove each other, the second finds that the
-- first is gone. A statement of its own, like lock_run. It does nothing if the caller is not an admin there.
create or replace function baton.lock_admins(p_organization_id uuid, p_user_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if baton.is_admin(p_organization_id, p_user_id) then
    perform from public.organization_members m
    where m.organization_id = p_organization_id and m.kind = 'person' and 'admin' = any (m.roles)
    order by m.user_id for update;
  end if;
end $$;
