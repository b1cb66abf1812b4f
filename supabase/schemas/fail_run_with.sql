-- What the final failure of a step, or an item, does to its run: it fails, and with an item its for_each step; or, where the
-- definition goes on without the step, dependents see of an orchestration step that it failed, of others nothing.
-- Answers with the events to tell.
create or replace function baton.fail_run_with(p_step public.orchestration_steps, p_error jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  failed_id text := coalesce(p_step.item_of, p_step.step_id);
begin
  if p_step.continue_on_failure then
    update public.orchestration_steps set seen = case type when 'orchestration'
      then jsonb_build_object('status', 'failed', 'errorDetails', p_error) else '{}' end
    where run_id = p_step.run_id and step_id = p_step.step_id and item_of is null;
    return '[]';
  end if;
  update public.orchestration_steps set status = 'failed', completed_at = clock_timestamp(), error = p_error
  where run_id = p_step.run_id and step_id = p_step.item_of and status = 'running';
  update public.orchestration_runs set status = 'failed', completed_at = clock_timestamp(),
    error = jsonb_build_object('stepId', failed_id) || p_error, results = baton.results_of(id)
  where id = p_step.run_id and status in ('running', 'checkpoint');
  if not found then
    return '[]';
  end if;
  return baton.event('run.failed', baton.step_told(p_step) || jsonb_build_object('error', p_error));
end $$;
