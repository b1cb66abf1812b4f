-- Applies a decision on an approval: a person's or, without `p_user_id`, the one for an expired approval. Continue
-- completes the step. Retry makes its next attempt ready. Abort ends the run with everything open in it. Fail (only for
-- an expired approval) ends the run as failed, or only the step where the run may go on without it. Answers with the
-- events to record.
create or replace function baton.apply_decision(p_approval public.human_approvals, p_boundary_id uuid, p_decision text,
  p_user_id uuid, p_notes text, p_modifications jsonb, p_overrides jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  approval_status text := case when p_user_id is null then 'expired' else 'decided' end;
  events jsonb;
begin
  update public.human_approvals set status = approval_status, decision = nullif(p_decision, 'fail'),
    decided_by = p_user_id, decided_at = clock_timestamp(), notes = p_notes, modifications = p_modifications
  where id = p_approval.id;
  events := baton.event('checkpoint.resolved', jsonb_build_object('stepId', p_approval.step_id,
    'attemptNumber', p_approval.attempt_number, 'approvalId', p_approval.id, 'status', approval_status,
    'decision', p_decision, 'decidedBy', p_user_id, 'notes', p_notes, 'reviewUrl', p_approval.review_url));
  return events || case p_decision
    when 'continue' then baton.apply_continue(p_approval.run_id, p_approval.step_id)
    when 'retry' then baton.apply_retry(p_approval, p_notes, p_modifications, p_overrides)
    when 'fail' then baton.apply_fail(p_approval.run_id, p_approval.step_id)
    when 'abort' then baton.abort_single_run(p_approval.run_id, p_boundary_id, p_approval.id,
      jsonb_build_object('stepId', p_approval.step_id, 'abortedBy', p_user_id, 'note', p_notes),
      'the run was aborted at the checkpoint of ' || p_approval.step_id) end;
end $$;
