-- Takes what its writer did not deliver in time, oldest first, for a minute: a lease, never a held transaction. Takes
-- only what is of runs that this engine drives. A start is not taken while an earlier stop of its run is there, so what
-- was delivered is struck off before anything else. A claim that is repeated has the effects that it had.
create or replace function baton.claim_effects(p_boundary_id uuid, p_delivered uuid[], p_engine_id text,
  p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
begin
  perform baton.strike_off(p_delivered);
  perform baton.forget_boundaries();
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
  return jsonb_build_object('effects', baton.claimed_effects(p_boundary_id));
end $$;
grant execute on function baton.claim_effects to baton_relay;
