-- The run that an idempotency key has made (see earlier_run). Null also if the caller is not the launcher.
create or replace function baton.launchers_earlier_run(p_user_id uuid, p_organization_id uuid, p_idempotency_key text)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return (select baton.earlier_run(p_user_id, p_organization_id, p_idempotency_key)
    where baton.is_launcher(p_user_id));
end $$;
grant execute on function baton.launchers_earlier_run to baton_launch;
