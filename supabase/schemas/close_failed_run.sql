-- Ends a run as failed; its steps stay as they are. If exactly one step was running, the error and the event name it.
-- Answers with the event to record.
create or replace function baton.close_failed_run(p_run_id uuid, p_error jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  step_data jsonb := (select baton.step_event_data(min(s.step_id), min(s.attempt_number))
    from public.orchestration_steps s
    where s.run_id = p_run_id and s.item_index = -1 and s.status = 'running' having count(*) = 1);
begin
  step_data := coalesce(step_data, '{}');
  update public.orchestration_runs set status = 'failed', completed_at = clock_timestamp(),
    error = step_data - 'attemptNumber' || p_error, results = baton.results_of(id) where id = p_run_id;
  return baton.event('run.failed', step_data || jsonb_build_object('error', p_error));
end $$;
