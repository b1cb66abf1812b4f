-- Ends an open run with everything open in it, and the orphans below it. `p_user_id` is the person who aborts it; null:
-- the engine does. The caller holds the lock of the tree. Answers with the outcome: taken, same (it was aborted
-- before), or ended.
create or replace function baton.abort_tree(p_run_id uuid, p_boundary_id uuid, p_user_id uuid, p_note text)
returns text language plpgsql volatile set search_path = '' as $$
declare
  run_status text := (select status from public.orchestration_runs where id = p_run_id);
  outcome text := case run_status when 'aborted' then 'same' when 'completed' then 'ended' when 'failed' then 'ended'
    else 'taken' end;
begin
  if baton.has_ordered_effect(p_run_id, p_boundary_id) then
    return 'taken';
  end if;
  if outcome = 'taken' then
    perform baton.record_events(p_run_id, p_boundary_id, baton.abort_single_run(p_run_id, p_boundary_id, null,
      jsonb_build_object('abortedBy', p_user_id, 'note', p_note), coalesce(p_note, 'the run was aborted')));
  end if;
  perform baton.abort_orphans(p_run_id, p_boundary_id, null);
  return outcome;
end $$;
