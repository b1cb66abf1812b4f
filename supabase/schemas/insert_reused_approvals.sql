-- Inserts a closed approval for each step with a checkpoint that a fork reuses: these are not decided again.
create or replace function baton.insert_reused_approvals(p_run_id uuid, p_reused jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into public.human_approvals (run_id, organization_id, step_id, attempt_number, status, closed_reason, decision,
    question, options)
  select s.run_id, s.organization_id, s.step_id, s.attempt_number, 'closed', 'reused', 'continue',
    s.planned #>> '{checkpoint,question}', s.planned #> '{checkpoint,options}'
  from public.orchestration_steps s
  where s.run_id = p_run_id and p_reused ? s.step_id and jsonb_typeof(s.planned -> 'checkpoint') = 'object';
end $$;
