-- Fails a step whose approval expired, and its run with it, unless the run may go on without the step. Answers with the
-- events to record.
create or replace function baton.apply_fail(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  expiry_error jsonb := jsonb_build_object('type', 'CheckpointExpired', 'retryable', false,
    'message', 'nobody decided the checkpoint of ' || p_step_id || ' in time');
  now_at timestamptz := clock_timestamp();
  s record;
begin
  update public.orchestration_steps set status = 'failed', completed_at = now_at, error = expiry_error
  where run_id = p_run_id and step_id = p_step_id
  returning attempt_number, coalesce((planned #> '{retry,notifyHuman}')::boolean, false) as notify_human into s;
  return baton.step_event('step.failed', p_step_id, s.attempt_number,
      jsonb_build_object('error', expiry_error, 'willRetry', false))
    || baton.step_event('step_failed', p_step_id, s.attempt_number,
      jsonb_build_object('error', expiry_error, 'notifyHuman', s.notify_human))
    || baton.fail_run_with(p_run_id, p_step_id, expiry_error, now_at);
end $$;
