-- Ends what nobody waits for any more below a run, where this engine drives it (see abort_orphans).
create or replace function baton.end_orphans(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_engine_id text)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.lock_tree(p_run_id);
  perform baton.abort_orphans(p_run_id, p_boundary_id, p_engine_id);
  perform baton.strike_off(p_delivered);
  return baton.acted(p_run_id, p_boundary_id, 'settled', 'none');
end $$;
grant execute on function baton.end_orphans to baton_reconcile;
