-- Saves an agent's answer to an input in the cache. This is the only lock across runs, so the caller does it last.
create or replace function baton.save_cached_answer(p_run_id uuid, p_step_id text, p_input_hash text, p_outputs jsonb,
  p_metadata jsonb, p_deliverables jsonb, p_seconds double precision) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into baton.step_cache (organization_id, definition_id, step_id, input_hash, outputs, metadata, deliverables,
    expires_at)
  select r.organization_id, r.definition_id, split_part(p_step_id, '[', 1), p_input_hash, p_outputs, p_metadata,
    p_deliverables, clock_timestamp() + make_interval(secs => p_seconds)
  from public.orchestration_runs r where r.id = p_run_id
  on conflict (organization_id, definition_id, step_id, input_hash) do update set outputs = excluded.outputs,
    metadata = excluded.metadata, deliverables = excluded.deliverables, expires_at = excluded.expires_at;
end $$;
