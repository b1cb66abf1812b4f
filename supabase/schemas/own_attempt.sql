-- Makes a delivery the owner of a step's current attempt. `p_earlier` is the state of the delivery that had it (see
-- earlier_delivery).
create or replace function baton.own_attempt(p_run_id uuid, p_step_id text, p_attempt_key text, p_delivery_id uuid,
  p_lease_until timestamptz, p_history_events integer, p_earlier text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into public.orchestration_step_attempts as t (run_id, step_id, attempt_number, organization_id, status,
    attempt_key, delivery_id, generation, lease_until, history_events, started_at)
  select r.id, s.step_id, s.attempt_number, r.organization_id, 'running', p_attempt_key, p_delivery_id, r.generation,
    p_lease_until, p_history_events, clock_timestamp()
  from public.orchestration_runs r
  join public.orchestration_steps s on s.run_id = r.id and s.step_id = p_step_id where r.id = p_run_id
  on conflict (run_id, step_id, attempt_number) do update set attempt_key = excluded.attempt_key,
    delivery_id = excluded.delivery_id, generation = excluded.generation, lease_until = excluded.lease_until,
    history_events = excluded.history_events, lost_results = t.lost_results + (p_earlier = 'lost')::int,
    deliveries = t.deliveries + (t.delivery_id <> excluded.delivery_id)::int;
end $$;
