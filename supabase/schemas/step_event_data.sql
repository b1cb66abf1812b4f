-- The step of an event's data: its id and attempt number. An item has the id of its for_each step, and its own index.
create or replace function baton.step_event_data(p_step_id text, p_attempt_number integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  parts text[];
begin
  if right(p_step_id, 1) <> ']' then
    return jsonb_build_object('stepId', p_step_id, 'attemptNumber', p_attempt_number);
  end if;
  parts := regexp_match(p_step_id, '^(.*)\[(\d+)\]$');
  return jsonb_build_object('stepId', parts[1], 'itemIndex', parts[2]::int, 'attemptNumber', p_attempt_number);
end $$;
