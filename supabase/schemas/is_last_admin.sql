-- Whether a member is the only person who is an admin of an organisation.
create or replace function baton.is_last_admin(p_organization_id uuid, p_member_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return baton.is_admin(p_organization_id, p_member_id) and not exists (select from baton.live_members m
    where m.organization_id = p_organization_id and m.user_id <> p_member_id and m.kind = 'person'
      and 'admin' = any (m.roles));
end $$;
