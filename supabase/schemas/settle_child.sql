-- Ends an open child run whose execution has ended, with the orphans below it (see settle_tree). Null: there is no such
-- child run.
create or replace function baton.settle_child(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_generation integer, p_status text, p_error jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  if not exists (select from public.orchestration_runs where id = p_run_id and parent_run_id is not null) then
    return null;
  end if;
  outcome := baton.settle_tree(p_run_id, p_boundary_id, p_generation, p_status, p_error, null);
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'gates');
end $$;
grant execute on function baton.settle_child to baton_step;
