-- Makes the next attempt of a step ready, with a person's review of the current attempt. `p_overrides` are the
-- modifications that have the name of a parameter, with dates instead of relative dates: they apply to every step that
-- has not begun. Answers with the events to record: none.
create or replace function baton.apply_retry(p_approval public.human_approvals, p_notes text, p_modifications jsonb,
  p_overrides jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.supersede_attempt(p_approval.run_id, p_approval.step_id);
  update public.orchestration_steps set status = 'pending', completed_at = null, attempt_number = attempt_number + 1,
    failures = 0, reads_cache = false, reviews = reviews || jsonb_build_array(jsonb_build_object(
      'attemptNumber', p_approval.attempt_number, 'notes', p_notes, 'modifications', p_modifications || p_overrides))
  where run_id = p_approval.run_id and step_id = p_approval.step_id;
  update public.orchestration_runs set parameter_overrides = parameter_overrides || p_overrides
  where id = p_approval.run_id and p_overrides <> '{}';
  return '[]';
end $$;
