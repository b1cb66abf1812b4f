-- Whether a user is the machine as which executions of an engine launch runs, and still a member.
create or replace function baton.is_launcher(p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from baton.launchers l
    join baton.live_members m on m.organization_id = l.organization_id and m.user_id = l.user_id
    where l.user_id = p_user_id);
end $$;
