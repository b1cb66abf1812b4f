-- The events of an attempt that begins: the earlier delivery crashed (if it did), and the step is running.
create or replace function baton.begin_step_events(p_step_id text, p_attempt_number integer, p_agent text,
  p_has_crashed boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  running jsonb := baton.step_event('step.running', p_step_id, p_attempt_number,
    jsonb_build_object('agent', nullif(p_agent, '')));
begin
  if not p_has_crashed then
    return running;
  end if;
  return baton.step_event('step.failed', p_step_id, p_attempt_number, jsonb_build_object('willRetry', true,
    'error', jsonb_build_object('type', 'Crashed', 'retryable', true,
      'message', 'the function that ran this attempt ended without an answer'))) || running;
end $$;
