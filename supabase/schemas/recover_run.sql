-- Gives a failed root run its next execution, for an operator of its organisation, and with it the child runs that it
-- waits for. Steps that are done keep their results; failed steps are tried again. The operator may name one of them.
-- With `p_outputs` that step is skipped and has these outputs; otherwise it gets the modifications. Null: the caller is
-- not an operator there.
create or replace function baton.recover_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_generation integer, p_user_id uuid, p_step_id text, p_outputs jsonb, p_modifications jsonb,
  p_overrides jsonb, p_note text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  r public.orchestration_runs;
  is_repeated boolean;
  outcome text;
  recovered_id uuid;
  review jsonb := case when p_outputs is null
    then jsonb_build_object('notes', p_note, 'modifications', p_modifications) end;
  event_data jsonb := jsonb_build_object('reason', 'retried', 'retriedBy', p_user_id, 'note', p_note);
  events jsonb := '[]';
begin
  perform baton.lock_tree(p_run_id);
  select * into r from public.orchestration_runs where id = p_run_id;
  if r.id is null or not baton.is_operator(r.organization_id, p_user_id) then
    return null;
  end if;
  is_repeated := baton.has_ordered_execution(p_run_id, p_boundary_id);
  outcome := case
    when r.parent_run_id is not null then 'child'
    when is_repeated then 'taken'
    when r.status <> 'failed' or r.generation <> p_generation then 'not_failed'
    when r.ends_at <= r.completed_at then 'out_of_time'
    when p_step_id is not null and not exists (select from public.orchestration_steps s where s.run_id = p_run_id
      and s.step_id = p_step_id and s.status in ('failed', 'queued', 'running')) then 'step_done'
    else 'taken' end;
  if outcome = 'taken' and not is_repeated then
    update public.orchestration_runs set parameter_overrides = parameter_overrides || p_overrides where id = p_run_id;
    if p_outputs is not null then
      events := baton.skip_failed_step(p_run_id, p_step_id, p_outputs, p_user_id, p_note);
    end if;
    foreach recovered_id in array baton.runs_to_recover(p_run_id, p_step_id) loop
      if recovered_id = p_run_id then
        events := events || baton.reopen_run(recovered_id, p_boundary_id, p_step_id, review, event_data);
      else
        perform baton.record_events(recovered_id, p_boundary_id,
          baton.reopen_run(recovered_id, p_boundary_id, null, review, event_data));
      end if;
    end loop;
    perform baton.abort_orphans(p_run_id, p_boundary_id, null);
    perform baton.advance_run(p_run_id, p_boundary_id, events);
  end if;
  perform baton.strike_off(p_delivered);
  return baton.run_answer(p_run_id, p_boundary_id, outcome, 'none');
end $$;
grant execute on function baton.recover_run to baton_api;
