-- Whether an attempt of a step may not begin: failures and crashes have used up the automatic retries, or the result of
-- the attempt was lost 32 times, which takes about six hours.
create or replace function baton.is_exhausted(p_attempt public.orchestration_step_attempts, p_earlier text,
  p_failures integer, p_run_id uuid, p_step_id text) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  failures integer := p_failures + (p_earlier = 'crashed')::int;
begin
  return (failures > 0 and failures > baton.retry_count(p_run_id, p_step_id))
    or (p_earlier = 'lost' and p_attempt.lost_results + 1 >= 32);
end $$;
