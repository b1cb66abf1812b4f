-- Ends an open child run, which its parent's step waits for no longer, with everything open in it and below it (see
-- abort_tree). One that has gone on with another generation is left as it is. Null: there is no such child run.
create or replace function baton.abort_child(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_generation integer, p_note text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  present integer;
  outcome text;
begin
  perform baton.lock_tree(p_run_id);
  select generation into present from public.orchestration_runs where id = p_run_id and parent_run_id is not null;
  if present is null then
    return null;
  end if;
  outcome := case present when p_generation then baton.abort_tree(p_run_id, p_boundary_id, null, p_note)
    else 'stale_generation' end;
  perform baton.strike_off(p_delivered);
  return baton.acted(p_run_id, p_boundary_id, outcome, 'gates');
end $$;
grant execute on function baton.abort_child to baton_step;
