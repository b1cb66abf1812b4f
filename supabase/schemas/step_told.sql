-- How an event of a step names it: an item of a for_each step by that step's id and its own index.
create or replace function baton.step_told(p_step public.orchestration_steps) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('stepId', coalesce(p_step.item_of, p_step.step_id),
    'itemIndex', nullif(p_step.item_index, -1), 'attemptNumber', p_step.attempt_number);
end $$;
