-- Ends the attempt that a delivery works on. The step keeps its result until another attempt supersedes it. False:
-- another delivery owns the attempt, the attempt has ended, or the run was aborted. A failed run still accepts the
-- result: the next generation can use it.
create or replace function baton.end_attempt(p_run_id uuid, p_step_id text, p_attempt_number integer,
  p_delivery_id uuid, p_status text, p_error jsonb, p_metadata jsonb) returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_step_attempts a set status = p_status, ended_at = clock_timestamp(), error = p_error,
    metadata = p_metadata
  from public.orchestration_runs r
  where r.id = p_run_id and r.status <> 'aborted' and a.run_id = r.id and a.step_id = p_step_id
    and a.attempt_number = p_attempt_number and a.delivery_id = p_delivery_id and a.status = 'running';
  return found;
end $$;
