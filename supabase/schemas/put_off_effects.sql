-- Counts a failure of each effect in [{"id", "failures", "error"}] and stores its error. Each failure makes the wait
-- for the next try longer, up to an hour. "failures" is the number before this failure; if it differs from the stored
-- one, the failure was counted before. Locked rows are skipped.
create or replace function baton.put_off_effects(p_boundary_id uuid, p_delivered uuid[], p_failed jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
begin
  with held as materialized (
    select o.id, left(f.failed ->> 'error', 500) as error
    from jsonb_array_elements(p_failed) as f (failed)
    join baton.outbox o on o.id = (f.failed ->> 'id')::uuid and o.failures = (f.failed ->> 'failures')::int
    for update of o skip locked
  )
  update baton.outbox o set failures = o.failures + 1, last_error = held.error,
    available_at = now_at + least(interval '1 hour', interval '30 seconds' * power(2, least(o.failures, 10)))
  from held where o.id = held.id;
  perform baton.strike_off(p_delivered);
  return '{}';
end $$;
grant execute on function baton.put_off_effects to
  baton_api, baton_step, baton_gate, baton_checkpoint, baton_approval, baton_relay, baton_reconcile, baton_launch;
