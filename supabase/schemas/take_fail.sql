-- Fails a step whose checkpoint nobody decided in time, and with it the run, unless that may go on without it. Answers
-- with the events to tell.
create or replace function baton.take_fail(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  expiry jsonb := jsonb_build_object('type', 'CheckpointExpired', 'retryable', false,
    'message', 'nobody decided the checkpoint of ' || p_step_id || ' in time');
  s public.orchestration_steps;
  told jsonb;
begin
  update public.orchestration_steps set status = 'failed', completed_at = clock_timestamp(), error = expiry
  where run_id = p_run_id and step_id = p_step_id returning * into s;
  told := jsonb_build_object('stepId', p_step_id, 'attemptNumber', s.attempt_number, 'error', expiry);
  return baton.event('step.failed', told || '{"willRetry": false}')
    || baton.event('step_failed', told || jsonb_build_object(
      'notifyHuman', coalesce((s.planned #> '{retry,notifyHuman}')::boolean, false)))
    || baton.fail_run_with(s, expiry);
end $$;
