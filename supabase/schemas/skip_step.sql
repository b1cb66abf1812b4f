-- Ends a step whose condition does not hold: its dependents find it done, its outputs null. `recorded` is false where
-- the attempt is another delivery's, or the run was aborted.
create or replace function baton.skip_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  recorded boolean;
  told jsonb;
begin
  perform baton.lock_run(p_run_id);
  recorded := baton.end_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed', null, '{}');
  if recorded then
    update public.orchestration_steps set status = 'skipped', completed_at = clock_timestamp(), seen = '{}',
      error = null, skip_reason = 'condition' where run_id = p_run_id and step_id = p_step_id;
    told := baton.advance(p_run_id, p_boundary_id, baton.event('step.skipped',
      baton.step_told(p_step_id, p_attempt_number) || '{"reason": "condition"}'));
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object(
    'recorded', recorded or baton.was_ended(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed'),
    'effects', coalesce(told, baton.effects_of(array[p_run_id], p_boundary_id, 'gates')));
end $$;
grant execute on function baton.skip_step to baton_step;
