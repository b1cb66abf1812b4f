-- Takes effects (ids) that were delivered out of the outbox. What somebody else holds stays; the relay delivers it again,
-- which does no harm. So this neither waits nor fails.
create or replace function baton.strike_off(p_delivered uuid[]) returns void
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  if p_delivered <> '{}' then
    delete from baton.outbox where id in (
      select id from baton.outbox where id = any (p_delivered) for update skip locked);
  end if;
end $$;
grant execute on function baton.strike_off to
  baton_api, baton_step, baton_gate, baton_checkpoint, baton_approval, baton_relay, baton_reconcile;
