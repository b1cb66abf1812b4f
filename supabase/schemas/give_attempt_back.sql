-- Gives an attempt back: this delivery could not call the agent, because Lambda had no room for it. The attempt goes on
-- with the next delivery, and nothing has failed.
create or replace function baton.give_attempt_back(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_step_id text, p_attempt_number integer, p_delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.lock_run(p_run_id);
  update public.orchestration_step_attempts set lease_until = '-infinity'
  where run_id = p_run_id and step_id = p_step_id and attempt_number = p_attempt_number
    and delivery_id = p_delivery_id and status = 'running';
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'));
end $$;
grant execute on function baton.give_attempt_back to baton_step;
