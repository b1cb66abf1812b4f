-- Ends an attempt. What it made stays with the step until another attempt supersedes it.
create or replace function baton.end_attempt(p_run_id uuid, p_step_id text, p_attempt_number integer, p_status text,
  p_error jsonb, p_metadata jsonb, p_at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_step_attempts set status = p_status, ended_at = p_at, error = p_error, metadata = p_metadata
  where run_id = p_run_id and step_id = p_step_id and attempt_number = p_attempt_number;
end $$;
