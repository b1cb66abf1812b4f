-- Ends a step whose condition is false: its dependents see it as done, with null outputs. `recorded` is false if
-- another delivery owns the attempt, or the run was aborted.
create or replace function baton.skip_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  recorded boolean;
  effects jsonb;
begin
  perform baton.lock_run(p_run_id);
  recorded := baton.end_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed', null, '{}');
  if recorded then
    update public.orchestration_steps set status = 'skipped', completed_at = clock_timestamp(), seen = '{}',
      error = null, skip_reason = 'condition' where run_id = p_run_id and step_id = p_step_id;
    effects := baton.advance_run(p_run_id, p_boundary_id, baton.step_event('step.skipped', p_step_id, p_attempt_number,
      '{"reason": "condition"}'));
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object(
    'recorded', recorded or baton.has_ended_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed'),
    'effects', coalesce(effects, baton.effects_of(array[p_run_id], p_boundary_id, 'gates')));
end $$;
grant execute on function baton.skip_step to baton_step;
