-- Inserts the run of a launch with its steps, its first event and its start order, unless an earlier launch with its
-- idempotency key made a run. `p_run` has the values that the caller decides, `p_data` is for the event.
create or replace function baton.insert_launch(p_run public.orchestration_runs, p_boundary_id uuid,
  p_idempotency_key text, p_request_hash text, p_data jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if baton.claim_key(p_run.organization_id, p_idempotency_key, p_request_hash, p_run.id)
    and baton.insert_run(p_run, '{}', '{}') then
    perform baton.record_launch(p_run.id, p_boundary_id, p_data);
  end if;
end $$;
