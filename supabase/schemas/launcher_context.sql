-- What a launch by an execution needs to know (see launch_context). Null also if the caller is not the launcher.
create or replace function baton.launcher_context(p_user_id uuid, p_organization text, p_agent text,
  p_orchestration text, p_version text, p_shared_only boolean, p_idempotency_key text,
  p_callback_url text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select baton.launch_context(p_user_id, p_organization, p_agent, p_orchestration, p_version, p_shared_only,
      p_idempotency_key, p_callback_url)
    where baton.is_launcher(p_user_id));
end $$;
grant execute on function baton.launcher_context to baton_launch;
