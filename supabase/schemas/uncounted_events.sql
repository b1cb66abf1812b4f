-- How many events of an execution's history this entry of a step's Task adds. A retry of the Task tells of the earlier
-- tries again, which the attempt has counted.
create or replace function baton.uncounted_events(p_attempt public.orchestration_step_attempts, p_attempt_key text,
  p_history_events integer) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return p_history_events - case when baton.task_of_key(p_attempt.attempt_key) = baton.task_of_key(p_attempt_key)
    then p_attempt.history_events else 0 end;
end $$;
