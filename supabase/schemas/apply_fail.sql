-- Fails a step whose approval expired, and its run with it, unless the run may go on without the step. Answers with the
-- events to record.
create or replace function baton.apply_fail(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  expiry_error jsonb := jsonb_build_object('type', 'CheckpointExpired', 'retryable', false,
    'message', 'nobody decided the checkpoint of ' || p_step_id || ' in time');
  now_at timestamptz := clock_timestamp();
  s record;
  event_data jsonb;
begin
  update public.orchestration_steps set status = 'failed', completed_at = now_at, error = expiry_error
  where run_id = p_run_id and step_id = p_step_id
  returning attempt_number, coalesce((planned #> '{retry,notifyHuman}')::boolean, false) as notify_human into s;
  event_data := jsonb_build_object('stepId', p_step_id, 'attemptNumber', s.attempt_number, 'error', expiry_error);
  return baton.event('step.failed', event_data || '{"willRetry": false}')
    || baton.event('step_failed', event_data || jsonb_build_object('notifyHuman', s.notify_human))
    || baton.fail_run_with(p_run_id, p_step_id, expiry_error, now_at);
end $$;
