-- The approval that a Task waited for when it timed out. Of a step that waits, this is the approval of its current
-- attempt. Null: the approval is not open yet.
create or replace function baton.approval_of_step(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select to_jsonb(a.id)
    from public.human_approvals a join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
    where a.run_id = p_run_id and a.step_id = p_step_id
      and (s.status <> 'checkpoint' or a.attempt_number = s.attempt_number)
    order by a.attempt_number desc limit 1);
end $$;
grant execute on function baton.approval_of_step to baton_checkpoint;
