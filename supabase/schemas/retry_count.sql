-- How often a step, or an item of it, is tried again by itself.
create or replace function baton.retry_count(p_step public.orchestration_steps) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return (select (s.planned #>> '{retry,retryCount}')::int from public.orchestration_steps s
    where s.run_id = p_step.run_id and s.step_id = coalesce(p_step.item_of, p_step.step_id));
end $$;
