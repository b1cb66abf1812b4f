-- Begins an attempt of a step or item, or takes over that of another delivery (see earlier_delivery). Answers with its
-- work (see step_work), or the first `outcome` that applies. `p_history_events`: what the Task's entry has cost so far.
create or replace function baton.begin_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_attempt_key text, p_delivery_id uuid, p_lease_seconds double precision,
  p_history_events integer) returns jsonb language plpgsql volatile security definer set search_path = ''
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r record;
  earlier text := 'none';
  outcome text;
  effects jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select o.organization_id, g.slug as organization, o.status, o.generation, o.digest, o.is_open, o.ends_at, o.depth,
      o.definition_id, o.definition_name, o.definition_version, o.parameters || o.parameter_overrides as parameters,
      o.options, e.arn, e.history_events, s.status as step_status, s.attempt_number, s.failures, s.agent_slug, s.mode,
      s.reads_cache, s.item_of, s.item, p.step_id as planned_id, p.type, p.planned, p.reads, p.reviews, a as attempt,
      coalesce(a.lost_results, 0) as lost_results, p_history_events as new_events, not exists (select
        from public.orchestration_steps d where d.run_id = o.id and d.step_id = any (s.depends_on) and not d.is_done
      ) as is_ready into r
  from public.orchestration_runs o join public.orchestration_steps s on s.run_id = o.id and s.step_id = p_step_id
  left join public.orchestration_step_attempts a using (run_id, step_id, attempt_number)
  join public.orchestration_steps p on p.run_id = o.id and p.step_id = coalesce(s.item_of, s.step_id)
  join public.organizations g on g.id = o.organization_id
  left join baton.executions e on e.run_id = o.id and e.generation = o.generation where o.id = p_run_id;
  if (r.attempt).attempt_key is not null then
    earlier := baton.earlier_delivery(r.attempt, r.generation, p_attempt_key, p_delivery_id, now_at);
    r.new_events := baton.uncounted_events(r.attempt, p_attempt_key, p_history_events);
  end if;
  outcome := case
    when r.step_status is null then 'unknown_step'
    when r.arn is distinct from p_execution then 'stale_generation'
    when r.step_status in ('completed', 'checkpoint', 'skipped') and r.status <> 'aborted' then 'stored'
    when not r.is_open or r.ends_at <= now_at then 'run_ended'
    when r.digest <> p_digest then 'wrong_machine'
    when r.step_status = 'failed' then 'failed_before'
    when not r.is_ready then 'dependencies_not_done'
    when earlier = 'at_work' then 'in_progress'
    when earlier = 'lost' and baton.is_paused(r.attempt, p_lease_seconds, now_at) then 'paused'
    when (r.failures > 0 or earlier in ('crashed', 'lost'))
      and baton.is_exhausted(r.attempt, earlier, r.failures, p_run_id, p_step_id) then 'exhausted'
    when r.history_events + r.new_events >= 20000 then 'moved_on'
    else 'begun' end;
  if outcome in ('begun', 'exhausted') then
    r.failures := r.failures + (earlier = 'crashed')::int;
    r.lost_results := r.lost_results + (earlier = 'lost')::int;
    perform baton.own_attempt(p_run_id, p_step_id, r.attempt_number, r.organization_id, r.generation, p_attempt_key,
      p_delivery_id, now_at + make_interval(secs => p_lease_seconds), p_history_events, r.failures, r.lost_results);
    effects := baton.advance_run(p_run_id, p_boundary_id, baton.start_run(p_run_id, r.status, p_boundary_id)
      || case when outcome = 'begun' and earlier in ('none', 'crashed', 'replaced')
        then baton.begin_step_events(p_step_id, r.attempt_number, r.agent_slug, earlier = 'crashed') else '[]' end);
  end if;
  case outcome when 'in_progress', 'paused' then null;
    when 'moved_on' then perform baton.continue_run(p_run_id, p_boundary_id);
    else perform baton.count_history(p_run_id, p_execution, r.new_events); end case;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'stepStatus', case outcome when 'stored' then r.step_status end,
    'effects', case when r.status <> 'pending' and effects is not null then effects
      else baton.effects_of(array[p_run_id], p_boundary_id, 'gates') end,
    'work', case when outcome in ('begun', 'exhausted') then baton.step_work(p_run_id, p_step_id, r) end);
end $$;
grant execute on function baton.begin_step to baton_step;
