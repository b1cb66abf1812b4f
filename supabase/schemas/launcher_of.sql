-- The user id of the machine as which executions of an engine launch runs in an organisation; null if they may not.
create or replace function baton.launcher_of(p_engine_id text, p_organization text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select to_jsonb(l.user_id)
    from public.organizations o
    join baton.launchers l on l.organization_id = o.id and l.engine_id = p_engine_id
    join baton.live_members m on m.organization_id = o.id and m.user_id = l.user_id
    where o.slug = p_organization);
end $$;
grant execute on function baton.launcher_of to baton_launch;
