-- Sets another machine for the next execution of a child run of this engine. A retry of its root run orders that
-- execution.
create or replace function baton.repin_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_engine_id text,
  p_machine text, p_digest text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.lock_run(p_run_id);
  update public.orchestration_runs set machine = p_machine, digest = p_digest
  where id = p_run_id and engine_id = p_engine_id and parent_run_id is not null;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('effects', '[]'::jsonb);
end $$;
grant execute on function baton.repin_run to baton_reconcile;
