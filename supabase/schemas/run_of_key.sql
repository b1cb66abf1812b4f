-- The run that an idempotency key has made in an organisation, for a member of it: {"runId", "requestHash"}; null if
-- there is none.
create or replace function baton.run_of_key(p_user_id uuid, p_organization_id uuid, p_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('runId', k.run_id, 'requestHash', k.request_hash)
    from baton.idempotency_keys k
    join baton.live_members m on m.organization_id = k.organization_id and m.user_id = p_user_id
    where k.organization_id = p_organization_id and k.key = p_key);
end $$;
grant execute on function baton.run_of_key to baton_api;
