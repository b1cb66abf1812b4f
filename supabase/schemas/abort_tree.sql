-- Ends an open run with everything open in it, and what nobody waits for below it. `p_user_id` is who aborts it; null:
-- the engine. The tree is locked. Answers with the outcome: taken, same (it was aborted before), or ended.
create or replace function baton.abort_tree(p_run_id uuid, p_boundary_id uuid, p_user_id uuid, p_note text)
returns text language plpgsql volatile set search_path = '' as $$
declare
  was text := (select status from public.orchestration_runs where id = p_run_id);
  outcome text := case was when 'aborted' then 'same' when 'completed' then 'ended' when 'failed' then 'ended'
    else 'taken' end;
begin
  if baton.has_acted(p_run_id, p_boundary_id) then
    return 'taken';
  end if;
  if outcome = 'taken' then
    perform baton.tell(p_run_id, p_boundary_id, baton.end_aborted(p_run_id, p_boundary_id, null,
      jsonb_build_object('abortedBy', p_user_id, 'note', p_note), coalesce(p_note, 'the run was aborted')));
  end if;
  perform baton.abort_orphans(p_run_id, p_boundary_id, null);
  return outcome;
end $$;
