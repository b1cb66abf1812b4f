-- Ends an open run with everything open in it and below it (see abort_tree), for an operator of its organisation. Null:
-- there is no such run, or the caller is not an operator there.
create or replace function baton.abort_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_user_id uuid,
  p_note text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  if not exists (select from public.orchestration_runs r
      where r.id = p_run_id and baton.is_operator(r.organization_id, p_user_id)) then
    return null;
  end if;
  outcome := baton.abort_tree(p_run_id, p_boundary_id, p_user_id, p_note);
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'none');
end $$;
grant execute on function baton.abort_run to baton_api;
