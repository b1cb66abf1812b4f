-- Makes a delivery the owner of a step's attempt, and the step running.
create or replace function baton.own_attempt(p_run_id uuid, p_step_id text, p_attempt_number integer,
  p_organization_id uuid, p_generation integer, p_attempt_key text, p_delivery_id uuid, p_lease_until timestamptz,
  p_history_events integer, p_failures integer, p_lost_results integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_steps set status = 'running', started_at = coalesce(started_at, clock_timestamp()),
    completed_at = null, failures = p_failures
  where run_id = p_run_id and step_id = p_step_id;
  insert into public.orchestration_step_attempts as t (run_id, step_id, attempt_number, organization_id, status,
    attempt_key, delivery_id, generation, lease_until, history_events, started_at)
  values (p_run_id, p_step_id, p_attempt_number, p_organization_id, 'running', p_attempt_key, p_delivery_id,
    p_generation, p_lease_until, p_history_events, clock_timestamp())
  on conflict (run_id, step_id, attempt_number) do update set attempt_key = excluded.attempt_key,
    delivery_id = excluded.delivery_id, generation = excluded.generation, lease_until = excluded.lease_until,
    history_events = excluded.history_events, lost_results = p_lost_results,
    deliveries = t.deliveries + (t.delivery_id <> excluded.delivery_id)::int;
end $$;
