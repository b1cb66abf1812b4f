-- Ends an open child run with everything open in it and below it (see abort_tree), because its parent's step no longer
-- waits for it. A child run that has a newer generation stays as it is. Null: there is no such child run.
create or replace function baton.abort_child(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_generation integer, p_note text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  current_generation integer;
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  select generation into current_generation from public.orchestration_runs
  where id = p_run_id and parent_run_id is not null;
  if current_generation is null then
    return null;
  end if;
  outcome := case current_generation when p_generation then baton.abort_tree(p_run_id, p_boundary_id, null, p_note)
    else 'stale_generation' end;
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'gates');
end $$;
grant execute on function baton.abort_child to baton_step;
