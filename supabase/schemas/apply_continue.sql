-- Completes a step that waited for a person. Its outputs stay, and dependents see them, also if the step had failed
-- when its approval expired and an operator has reopened the approval. Answers with the events to record: as the event
-- of a step without a checkpoint, this one names the attempt's main deliverable.
create or replace function baton.apply_continue(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  attempt integer;
begin
  update public.orchestration_steps set status = 'completed', completed_at = clock_timestamp(), seen = null
  where run_id = p_run_id and step_id = p_step_id returning attempt_number into attempt;
  return baton.step_event('step.completed', p_step_id, attempt, jsonb_build_object('deliverableId',
    (select d.id from public.deliverables d
      where d.run_id = p_run_id and d.step_id = p_step_id and d.attempt_number = attempt and d.position = 0)));
end $$;
