-- Ends a run as failed, by itself: its steps stay as they are. Its error names the step, if it is one alone, that was
-- at work. Answers with the event to tell.
create or replace function baton.close_failed(p_run_id uuid, p_error jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  at_work jsonb := (select jsonb_build_object('stepId', min(s.step_id)) from public.orchestration_steps s
    where s.run_id = p_run_id and s.item_index = -1 and s.status = 'running' having count(*) = 1);
begin
  at_work := coalesce(at_work, '{}');
  update public.orchestration_runs set status = 'failed', completed_at = clock_timestamp(), error = at_work || p_error,
    results = baton.results_of(id) where id = p_run_id;
  return baton.event('run.failed', at_work || jsonb_build_object('error', p_error));
end $$;
