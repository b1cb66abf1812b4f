-- Records what Step Functions says of an execution that should be over: `p_status`, LOST if it does not know it. A lost
-- execution may still be starting, so only the second look counts. An execution that still runs is stopped again, if
-- its run was aborted or has a newer execution. `outcome` is 'over', 'stopped', or 'open' (the sweep looks again).
-- Null: this engine has no such execution.
create or replace function baton.confirm_end(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_generation integer, p_engine_id text, p_status text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  e record;
  is_repeated boolean;
  outcome text;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select x.over_at, x.checks, r.status = 'aborted' or x.generation < r.generation as is_unwanted into e
  from baton.executions x join public.orchestration_runs r on r.id = x.run_id
  where x.run_id = p_run_id and x.generation = p_generation and r.engine_id = p_engine_id;
  if not found then
    return null;
  end if;
  is_repeated := baton.has_ordered_effect(p_run_id, p_boundary_id);
  outcome := case
    when is_repeated then 'stopped'
    when e.over_at is not null then 'over'
    when p_status in ('RUNNING', 'PENDING_REDRIVE') then case when e.is_unwanted then 'stopped' else 'open' end
    when p_status = 'LOST' and e.checks < 2 then 'open'
    else 'over' end;
  update baton.executions set status = p_status, over_at = case outcome when 'over' then coalesce(over_at, now_at) end,
    check_at = case when outcome <> 'over' then check_at end
  where run_id = p_run_id and generation = p_generation;
  if outcome = 'stopped' and not is_repeated then
    perform baton.order_stop_of(p_run_id, p_generation, p_boundary_id, 'RunGone',
      'its run was aborted, or goes on with another execution');
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'none'));
end $$;
grant execute on function baton.confirm_end to baton_reconcile;
