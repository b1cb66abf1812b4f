-- Makes a failed effect due at once. Null: it has been delivered, or the caller may not redrive it.
create or replace function baton.redrive_effect(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_effect_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    update baton.outbox o set available_at = clock_timestamp()
    where o.id = p_effect_id and o.failures > 0 and baton.may_redrive(o.run_id, p_user_id)
    returning baton.failed_effect(o) into answer;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.redrive_effect to baton_api;
