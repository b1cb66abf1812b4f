-- How an event of a step names it: an item of a for_each step by that step's id and its own index.
create or replace function baton.step_told(p_step_id text, p_attempt_number integer) returns jsonb
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
