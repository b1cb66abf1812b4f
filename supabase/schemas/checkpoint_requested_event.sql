-- The event that a person is asked to decide about a step.
create or replace function baton.checkpoint_requested_event(p_approval public.human_approvals) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return baton.event('checkpoint.requested', jsonb_build_object('stepId', p_approval.step_id,
    'attemptNumber', p_approval.attempt_number, 'approvalId', p_approval.id, 'question', p_approval.question,
    'actions', jsonb_path_query_array(p_approval.options, '$[*].action'),
    'expiresAt', to_char(p_approval.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'reviewUrl', p_approval.review_url));
end $$;
