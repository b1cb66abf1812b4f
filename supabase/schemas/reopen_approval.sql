-- Opens the approval of a step's current attempt again and removes its decision: the decision of an expired approval
-- must not reach the Task that waits for a person now. Answers with the events to record.
create or replace function baton.reopen_approval(p_step public.orchestration_steps) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  q public.human_approvals;
begin
  update public.human_approvals set status = 'pending', closed_reason = null, decision = null, decided_at = null,
    notes = null, modifications = null, expires_at = case when expires_at is not null then clock_timestamp()
      + make_interval(secs => (p_step.planned #>> '{checkpoint,timeoutSeconds}')::int) end
  where run_id = p_step.run_id and step_id = p_step.step_id and attempt_number = p_step.attempt_number
  returning * into q;
  if q.id is null then
    return '[]';
  end if;
  return baton.checkpoint_requested_event(q);
end $$;
