-- Ends a run whose execution has ended, and the orphans below it: as aborted, with everything open in it, or as failed.
-- A failed run keeps its steps: its next execution takes them over, and results of running steps are still accepted.
-- With `p_engine_id`, this ends only the orphans that this engine drives. The caller holds the lock of the tree.
-- Answers with the outcome: settled, ended, or stale_generation.
create or replace function baton.settle_tree(p_run_id uuid, p_boundary_id uuid, p_generation integer, p_status text,
  p_error jsonb, p_engine_id text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  r record;
  outcome text;
begin
  if baton.has_ordered_effect(p_run_id, p_boundary_id) then
    return 'settled';
  end if;
  select is_open, generation, ends_at into r from public.orchestration_runs where id = p_run_id;
  outcome := case when not r.is_open then 'ended' when r.generation <> p_generation then 'stale_generation'
    else 'settled' end;
  if outcome = 'settled' then
    perform baton.claim_launch_event(p_run_id, p_boundary_id);
    perform baton.record_events(p_run_id, p_boundary_id, case p_status
      when 'aborted' then baton.close_aborted_run(p_run_id, null, jsonb_build_object('reason', p_error -> 'message'))
      when 'failed' then baton.close_failed_run(p_run_id,
        case when r.ends_at <= clock_timestamp() then baton.time_out_error() else p_error end) end);
    perform baton.expect_ends(p_run_id, p_generation);
  end if;
  perform baton.abort_orphans(p_run_id, p_boundary_id, p_engine_id);
  return outcome;
end $$;
