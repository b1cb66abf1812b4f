-- Skips a step for an operator: the step is done, with the operator's outputs, and so are its items. Its approval, if
-- it has a checkpoint, is closed. Answers with the events to record.
create or replace function baton.skip_failed_step(p_run_id uuid, p_step_id text, p_outputs jsonb, p_user_id uuid,
  p_note text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  now_at timestamptz := clock_timestamp();
  s public.orchestration_steps;
begin
  perform baton.abandon_attempt(o) from public.orchestration_steps o
  where o.run_id = p_run_id and (o.step_id = p_step_id or (o.item_of = p_step_id and not o.is_done));
  update public.orchestration_steps set status = 'skipped', completed_at = now_at, failures = 0, error = null,
    reads_cache = reads_cache and status <> 'failed', skip_reason = 'skipped'
  where run_id = p_run_id and (step_id = p_step_id or (item_of = p_step_id and not is_done));
  perform baton.supersede_attempt(p_run_id, p_step_id);
  update public.orchestration_steps set outputs = p_outputs, seen = null
  where run_id = p_run_id and step_id = p_step_id returning * into s;
  insert into public.human_approvals (run_id, organization_id, step_id, attempt_number, status, closed_reason, decision,
    question, options)
  select p_run_id, s.organization_id, p_step_id, s.attempt_number, 'closed', 'skipped', 'continue',
    s.planned #>> '{checkpoint,question}', s.planned #> '{checkpoint,options}'
  where jsonb_typeof(s.planned -> 'checkpoint') = 'object'
  on conflict (run_id, step_id, attempt_number) do update set status = 'closed', closed_reason = 'skipped',
    decision = 'continue';
  return baton.step_event('step.skipped', s.step_id, s.attempt_number, jsonb_build_object(
    'reason', 'skipped', 'skippedBy', p_user_id, 'note', p_note));
end $$;
