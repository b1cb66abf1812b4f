-- Stores the step's outputs and metadata with its completed attempt, because another attempt takes its place.
create or replace function baton.supersede_attempt(p_run_id uuid, p_step_id text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_step_attempts a set outputs = s.outputs,
    metadata = a.metadata || (s.metadata - 'reusedFrom')
  from public.orchestration_steps s
  where s.run_id = p_run_id and s.step_id = p_step_id
    and a.run_id = s.run_id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
    and a.status = 'completed';
end $$;
