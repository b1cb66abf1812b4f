-- How many automatic retries a step, or an item of it, has.
create or replace function baton.retry_count(p_run_id uuid, p_step_id text) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return (select (own.planned #>> '{retry,retryCount}')::int
    from public.orchestration_steps s
    join public.orchestration_steps own on own.run_id = s.run_id and own.step_id = coalesce(s.item_of, s.step_id)
    where s.run_id = p_run_id and s.step_id = p_step_id);
end $$;
