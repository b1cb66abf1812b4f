-- Ends the current attempt of a step, if it is running: its result is no longer needed.
create or replace function baton.abandon_attempt(p_step public.orchestration_steps) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_step_attempts set status = 'failed', ended_at = clock_timestamp(),
    lease_until = clock_timestamp()
  where run_id = p_step.run_id and step_id = p_step.step_id and attempt_number = p_step.attempt_number
    and status = 'running';
end $$;
