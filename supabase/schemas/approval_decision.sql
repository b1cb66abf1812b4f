-- The part of an answer that describes an approval and its run. The decision is `p_decision` while the approval has
-- none.
create or replace function baton.approval_decision(p_approval_id uuid, p_decision text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('stepId', a.step_id, 'attemptNumber', a.attempt_number, 'runStatus', r.status,
      'decision', coalesce(a.decision, p_decision), 'decidedBy', a.decided_by,
      'decidedAt', to_char(a.decided_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    from public.human_approvals a join public.orchestration_runs r on r.id = a.run_id where a.id = p_approval_id);
end $$;
