-- Whether a launch may insert its run: it has no idempotency key, or the key belongs to this run. Waits for another
-- launch that has claimed the key and has not committed yet.
create or replace function baton.claim_key(p_organization_id uuid, p_key text, p_request_hash text, p_run_id uuid)
returns boolean language plpgsql volatile set search_path = '' as $$
begin
  if p_key is null then
    return true;
  end if;
  insert into baton.idempotency_keys (organization_id, key, request_hash, run_id)
  values (p_organization_id, p_key, p_request_hash, p_run_id) on conflict (organization_id, key) do nothing;
  return exists (select from baton.idempotency_keys k
    where k.organization_id = p_organization_id and k.key = p_key and k.run_id = p_run_id);
end $$;
