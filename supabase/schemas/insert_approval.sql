-- Opens the approval of a step's current attempt, as its plan says. If the step is done without a decision, the
-- approval is closed at once. Answers with the events to record: the request to a person.
create or replace function baton.insert_approval(p_run_id uuid, p_step_id text, p_approval_id uuid, p_review_url text)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  a public.human_approvals;
begin
  insert into public.human_approvals (id, review_url, run_id, organization_id, step_id, attempt_number, question,
    options, expires_at, on_timeout, status, closed_reason)
  select p_approval_id, p_review_url, s.run_id, s.organization_id, s.step_id, s.attempt_number, checkpoint.question,
    checkpoint.options,
    case when checkpoint."onTimeout" is not null
      then clock_timestamp() + make_interval(secs => checkpoint."timeoutSeconds") end,
    case when checkpoint."timeoutSeconds" is not null then checkpoint."onTimeout" end,
    case s.status when 'checkpoint' then 'pending' else 'closed' end,
    case when s.status <> 'checkpoint' then 'not asked' end
  from public.orchestration_steps s, jsonb_to_record(s.planned -> 'checkpoint')
    as checkpoint (question text, options jsonb, "timeoutSeconds" integer, "onTimeout" text)
  where s.run_id = p_run_id and s.step_id = p_step_id
  returning * into a;
  if a.status <> 'pending' then
    return '[]';
  end if;
  return baton.checkpoint_requested_event(a);
end $$;
