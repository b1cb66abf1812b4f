-- Deletes the last delivered effects of an invocation. The client does not wait for the answer, so the server does not
-- wait for its disk.
create or replace function baton.strike_off_unawaited(p_delivered uuid[]) returns void
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform baton.strike_off(p_delivered);
end $$;
grant execute on function baton.strike_off_unawaited to
  baton_api, baton_step, baton_gate, baton_checkpoint, baton_approval, baton_relay, baton_reconcile, baton_launch;
