-- Leases due effects to the relay for a minute, oldest first, without an open transaction. It takes only effects of
-- runs that this engine drives. It takes no start while an earlier stop of the same run is in the outbox, so it deletes
-- the delivered effects first. A repeated claim gets the same effects.
create or replace function baton.claim_effects(p_boundary_id uuid, p_delivered uuid[], p_engine_id text,
  p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
begin
  perform baton.strike_off(p_delivered);
  perform baton.delete_old_boundaries();
  if not exists (select from baton.outbox where claim_id = p_boundary_id) then
    with due as materialized (
      select o.id from baton.outbox o join public.orchestration_runs r on r.id = o.run_id
      where o.available_at <= now_at and r.engine_id = p_engine_id
        and (o.kind <> 'start' or not exists (
          select from baton.outbox s where s.run_id = o.run_id and s.kind = 'stop' and s.position < o.position))
      order by o.available_at, o.position limit p_limit for update of o skip locked
    )
    update baton.outbox o set claim_id = p_boundary_id, available_at = now_at + interval '60 seconds'
    from due where o.id = due.id;
  end if;
  return jsonb_build_object('effects', baton.effects_of_claim(p_boundary_id));
end $$;
grant execute on function baton.claim_effects to baton_relay;
