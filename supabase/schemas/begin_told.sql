-- The events of an attempt that begins: that its delivery before crashed, if it did, and that it runs.
create or replace function baton.begin_told(p_step_id text, p_attempt_number integer, p_agent text, p_crashed boolean)
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  step jsonb := baton.step_told(p_step_id, p_attempt_number);
  runs jsonb := baton.event('step.running', step || jsonb_build_object('agent', nullif(p_agent, '')));
begin
  if not p_crashed then
    return runs;
  end if;
  return baton.event('step.failed', step || jsonb_build_object('willRetry', true, 'error', jsonb_build_object(
    'type', 'Crashed', 'message', 'the function that ran this attempt ended without an answer'))) || runs;
end $$;
