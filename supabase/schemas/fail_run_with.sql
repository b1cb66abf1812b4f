-- What the final failure of a step, or of an item, does to its run. The run fails, and so does the item's for_each
-- step; or the run goes on without the step, if the definition allows it. Answers with the events to record.
create or replace function baton.fail_run_with(p_run_id uuid, p_step_id text, p_error jsonb, p_at timestamptz)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  s record;
begin
  select item_of, attempt_number, continue_on_failure into s
  from public.orchestration_steps where run_id = p_run_id and step_id = p_step_id;
  if s.continue_on_failure then
    perform baton.show_step_failure(p_run_id, p_step_id, p_error);
    return '[]';
  end if;
  update public.orchestration_steps set status = 'failed', completed_at = p_at, error = p_error
  where run_id = p_run_id and step_id = s.item_of and status = 'running';
  update public.orchestration_runs set status = 'failed', completed_at = p_at,
    error = jsonb_build_object('stepId', coalesce(s.item_of, p_step_id)) || p_error, results = baton.results_of(id)
  where id = p_run_id and status in ('running', 'checkpoint');
  if not found then
    return '[]';
  end if;
  perform baton.expect_ends(r.id, r.generation) from public.orchestration_runs r where r.id = p_run_id;
  return baton.step_event('run.failed', p_step_id, s.attempt_number, jsonb_build_object('error', p_error));
end $$;
