-- Gives an open root run its next execution, on a new machine, because its machine has changed. The new execution gives
-- its open child runs theirs. Null: this engine has no such root run that is open in that generation.
create or replace function baton.move_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_generation integer,
  p_engine_id text, p_machine text, p_digest text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  previous_status text;
begin
  perform baton.lock_run(p_run_id);
  update public.orchestration_runs set generation = generation + 1, machine = p_machine, digest = p_digest
  where id = p_run_id and engine_id = p_engine_id and generation = p_generation and is_open and parent_run_id is null
  returning status into previous_status;
  if found then
    perform baton.order_execution(p_run_id, p_boundary_id);
    perform baton.order_start(p_run_id, p_boundary_id);
    perform baton.advance_run(p_run_id, p_boundary_id,
      baton.event('run.updated', jsonb_build_object('previousStatus', previous_status, 'reason', 'moved')));
  end if;
  perform baton.strike_off(p_delivered);
  if not baton.has_ordered_execution(p_run_id, p_boundary_id) then
    return null;
  end if;
  return baton.run_answer(p_run_id, p_boundary_id, 'moved', 'none');
end $$;
grant execute on function baton.move_run to baton_reconcile;
