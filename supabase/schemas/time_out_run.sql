-- Ends an open run whose time is over as failed, stops its execution, and ends the orphans below it. Null: this engine
-- has no such run, or its time is not over.
create or replace function baton.time_out_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_engine_id text)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  is_repeated boolean;
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  is_repeated := baton.has_ordered_effect(p_run_id, p_boundary_id);
  outcome := (select case when is_repeated or r.is_open then 'settled' else 'ended' end
    from public.orchestration_runs r
    where r.id = p_run_id and r.engine_id = p_engine_id and r.ends_at <= clock_timestamp());
  if outcome is null then
    return null;
  end if;
  if outcome = 'settled' and not is_repeated then
    perform baton.claim_launch_event(p_run_id, p_boundary_id);
    perform baton.order_stop(p_run_id, p_boundary_id, 'States.Timeout', 'the time of the run is over');
    perform baton.record_events(p_run_id, p_boundary_id, baton.close_failed_run(p_run_id, baton.time_out_error()));
    perform baton.abort_orphans(p_run_id, p_boundary_id, p_engine_id);
  end if;
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'none');
end $$;
grant execute on function baton.time_out_run to baton_reconcile;
