-- Begins an attempt of a step, or of an item, or takes over the attempt of a crashed delivery. The answer is the first
-- that applies: this is not the run's newest execution; the status of a step that is done; another refusal; the step
-- has failed before; its dependencies are not done; another delivery of the attempt is at work; or the data for the
-- work (see step_work). A delivery that crashed within this generation uses up one of the automatic retries.
create or replace function baton.begin_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_attempt_key text, p_delivery_id uuid, p_lease_seconds double precision)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r record;
  is_ours boolean;
  has_crashed boolean;
  outcome text;
  effects jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select o.organization_id, o.status, o.generation, s.status as step_status, s.attempt_number, s.agent_slug, s.failures,
      a.status as attempt_status, a.delivery_id, a.attempt_key, a.generation as begun_in, a.lease_until,
      e.arn, not exists (select from public.orchestration_steps d
        where d.run_id = o.id and d.step_id = any (s.depends_on) and not d.is_done) as is_ready
    into r from public.orchestration_runs o
  join public.orchestration_steps s on s.run_id = o.id and s.step_id = p_step_id
  left join public.orchestration_step_attempts a
    on a.run_id = o.id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
  left join baton.executions e on e.run_id = o.id and e.generation = o.generation where o.id = p_run_id;
  is_ours := coalesce(r.attempt_status <> 'running' or r.delivery_id = p_delivery_id, true);
  has_crashed := not is_ours and r.begun_in = r.generation;
  outcome := case
    when r.step_status is null then 'unknown_step' when r.arn is distinct from p_execution then 'stale_generation'
    when r.step_status in ('completed', 'checkpoint', 'skipped') and r.status <> 'aborted' then 'stored'
    else coalesce(baton.refusal(p_run_id, p_execution, p_digest), case
      when r.step_status = 'failed' then 'failed_before'
      when not r.is_ready then 'dependencies_not_done'
      when not is_ours and r.attempt_key = p_attempt_key and r.lease_until > now_at then 'in_progress'
      when (has_crashed or r.failures > 0)
        and r.failures + has_crashed::int > baton.retry_count(p_run_id, p_step_id) then 'exhausted'
      else 'begun' end) end;
  if outcome in ('begun', 'exhausted') then
    update public.orchestration_steps set status = 'running', started_at = coalesce(started_at, now_at),
      completed_at = null, failures = failures + has_crashed::int where run_id = p_run_id and step_id = p_step_id;
    insert into public.orchestration_step_attempts as t (run_id, step_id, attempt_number, organization_id, status,
      attempt_key, delivery_id, generation, lease_until, started_at)
    values (p_run_id, p_step_id, r.attempt_number, r.organization_id, 'running', p_attempt_key, p_delivery_id,
      r.generation, now_at + make_interval(secs => p_lease_seconds), now_at)
    on conflict (run_id, step_id, attempt_number) do update set attempt_key = excluded.attempt_key,
      delivery_id = excluded.delivery_id, generation = excluded.generation, lease_until = excluded.lease_until,
      deliveries = t.deliveries + (t.delivery_id <> excluded.delivery_id)::int;
    effects := baton.advance_run(p_run_id, p_boundary_id, baton.start_run(p_run_id, r.status, p_boundary_id)
      || case when outcome = 'begun' and (not is_ours or r.attempt_status is distinct from 'running')
        then baton.begin_step_events(p_step_id, r.attempt_number, r.agent_slug, has_crashed) else '[]' end);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'stepStatus', case outcome when 'stored' then r.step_status end,
    'effects', case when r.status <> 'pending' and effects is not null then effects
      else baton.effects_of(array[p_run_id], p_boundary_id, 'gates') end,
    'work', case when outcome in ('begun', 'exhausted') then baton.step_work(p_run_id, p_step_id) end);
end $$;
grant execute on function baton.begin_step to baton_step;
