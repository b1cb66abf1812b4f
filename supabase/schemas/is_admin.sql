-- Whether a member is an admin of an organisation.
create or replace function baton.is_admin(p_organization_id uuid, p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from baton.live_members m
    where m.organization_id = p_organization_id and m.user_id = p_user_id and 'admin' = any (m.roles));
end $$;
