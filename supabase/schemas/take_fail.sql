-- Fails a step whose checkpoint nobody decided in time, and with it the run, unless that may go on without it. Answers
-- with the events to tell.
create or replace function baton.take_fail(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  expiry jsonb := jsonb_build_object('type', 'CheckpointExpired', 'retryable', false,
    'message', 'nobody decided the checkpoint of ' || p_step_id || ' in time');
  now_at timestamptz := clock_timestamp();
  s record;
  told jsonb;
begin
  update public.orchestration_steps set status = 'failed', completed_at = now_at, error = expiry
  where run_id = p_run_id and step_id = p_step_id
  returning attempt_number, coalesce((planned #> '{retry,notifyHuman}')::boolean, false) as notify_human into s;
  told := jsonb_build_object('stepId', p_step_id, 'attemptNumber', s.attempt_number, 'error', expiry);
  return baton.event('step.failed', told || '{"willRetry": false}')
    || baton.event('step_failed', told || jsonb_build_object('notifyHuman', s.notify_human))
    || baton.fail_run_with(p_run_id, p_step_id, expiry, now_at);
end $$;
