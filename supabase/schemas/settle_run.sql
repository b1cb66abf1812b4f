-- Ends a run whose execution has ended, with the orphans below it, for the engine that drives it (see settle_tree).
-- `p_execution` is the ARN: an execution with the name of the run's own on another machine ends nothing. `outcome` is
-- that of settle_tree, or 'unknown_execution'. Null: this engine has no such run.
create or replace function baton.settle_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_generation integer,
  p_execution text, p_status text, p_error jsonb, p_engine_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  if not exists (select from public.orchestration_runs where id = p_run_id and engine_id = p_engine_id) then
    return null;
  end if;
  outcome := case when exists (select from baton.executions e
      where e.run_id = p_run_id and e.generation = p_generation and e.arn = p_execution)
    then baton.settle_tree(p_run_id, p_boundary_id, p_generation, p_status, p_error, p_engine_id)
    else 'unknown_execution' end;
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'none');
end $$;
grant execute on function baton.settle_run to baton_reconcile;
