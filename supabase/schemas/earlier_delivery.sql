-- The state of the delivery that began an attempt, for the delivery that begins it now: 'none' (the attempt is new, or
-- has ended), 'ours', 'given_back' (the agent could not be called), 'at_work', 'replaced' (it belongs to an earlier
-- execution, and its lease is over), 'lost' (the Task was entered again, because the database was away when there was a
-- result), or 'crashed' (the Task was retried).
create or replace function baton.earlier_delivery(p_attempt public.orchestration_step_attempts, p_generation integer,
  p_attempt_key text, p_delivery_id uuid, p_at timestamptz) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when p_attempt.status is distinct from 'running' then 'none'
    when p_attempt.delivery_id = p_delivery_id then 'ours'
    when p_attempt.lease_until = '-infinity' then 'given_back'
    when p_attempt.lease_until > p_at
      and (p_attempt.attempt_key = p_attempt_key or p_attempt.generation < p_generation) then 'at_work'
    when p_attempt.generation < p_generation then 'replaced'
    when baton.task_of_key(p_attempt.attempt_key) <> baton.task_of_key(p_attempt_key) then 'lost'
    else 'crashed' end;
end $$;
