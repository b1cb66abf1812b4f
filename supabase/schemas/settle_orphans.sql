-- Ends the orphans below a run, if this engine drives them (see abort_orphans).
create or replace function baton.settle_orphans(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_engine_id text)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.lock_tree(p_run_id);
  perform baton.abort_orphans(p_run_id, p_boundary_id, p_engine_id);
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, 'settled', 'none');
end $$;
grant execute on function baton.settle_orphans to baton_reconcile;
