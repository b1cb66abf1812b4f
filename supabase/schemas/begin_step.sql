-- Begins an attempt of a step, or an item, taking over one whose delivery is gone. Answers, in this order: the stored outcome
-- of a step that is done; that the call may do nothing (see refusal); that another delivery of the same attempt is at work;
-- or with what the work needs (see step_work). A delivery that vanished within this generation crashed: that uses up one of
-- the automatic retries.
create or replace function baton.begin_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_attempt_key text, p_delivery_id uuid, p_lease_seconds double precision) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r public.orchestration_runs;
  s public.orchestration_steps;
  a public.orchestration_step_attempts;
  crashed boolean;
  outcome text;
  events jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select * into r from public.orchestration_runs where id = p_run_id;
  select * into s from public.orchestration_steps where run_id = p_run_id and step_id = p_step_id;
  select * into a from public.orchestration_step_attempts
  where run_id = p_run_id and step_id = p_step_id and attempt_number = s.attempt_number;
  crashed := coalesce(a.status = 'running' and a.delivery_id <> p_delivery_id and a.generation = r.generation, false);
  outcome := case
    when s.step_id is null then 'unknown_step'
    when s.status in ('completed', 'checkpoint', 'skipped') and r.status <> 'aborted' then 'stored'
    else coalesce(baton.refusal(r, p_execution, p_digest), case
      when s.status = 'failed' then 'failed_before'
      when a.status = 'running' and a.delivery_id <> p_delivery_id and a.attempt_key = p_attempt_key
        and a.lease_until > now_at then 'in_progress'
      when crashed and s.failures >= baton.retry_count(s) then 'exhausted'
      else 'begun' end) end;
  if outcome in ('begun', 'exhausted') then
    events := baton.start_run(p_run_id, p_boundary_id);
    if outcome = 'begun' and crashed then
      events := events || baton.event('step.failed', baton.step_told(s) || jsonb_build_object('willRetry', true, 'error',
        '{"type": "Crashed", "message": "the function that ran this attempt ended without an answer"}'::jsonb));
    end if;
    if outcome = 'begun' and (a.status is distinct from 'running' or a.delivery_id <> p_delivery_id) then
      events := events || baton.event('step.running',
        baton.step_told(s) || jsonb_build_object('agent', nullif(s.agent_slug, '')));
    end if;
    update public.orchestration_steps set status = 'running', started_at = coalesce(started_at, now_at),
      completed_at = null, failures = failures + crashed::int where run_id = p_run_id and step_id = p_step_id;
    insert into public.orchestration_step_attempts as t (run_id, step_id, attempt_number, organization_id, status,
      attempt_key, delivery_id, generation, lease_until, started_at)
    values (p_run_id, p_step_id, s.attempt_number, r.organization_id, 'running', p_attempt_key, p_delivery_id,
      r.generation, now_at + make_interval(secs => p_lease_seconds), now_at)
    on conflict (run_id, step_id, attempt_number) do update set attempt_key = excluded.attempt_key,
      delivery_id = excluded.delivery_id, generation = excluded.generation, lease_until = excluded.lease_until,
      deliveries = t.deliveries + (t.delivery_id <> excluded.delivery_id)::int;
    perform baton.advance(p_run_id, p_boundary_id, events);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'stepStatus', s.status,
    'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'),
    'work', case when outcome in ('begun', 'exhausted') then baton.step_work(r, s) end);
end $$;
grant execute on function baton.begin_step to baton_step;
