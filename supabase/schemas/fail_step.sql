-- Records why an attempt failed. If the budget of retries allows another attempt, the step is queued; if not, the run
-- fails, unless the definition lets it go on. `recorded` is false if another delivery owns the attempt, or the run was
-- aborted.
create or replace function baton.fail_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid, p_error jsonb, p_retry_count integer, p_notify_human boolean,
  p_metadata jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  recorded boolean;
  will_retry boolean := false;
  events jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  recorded := baton.end_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'failed', p_error, p_metadata);
  if recorded then
    select (p_error ->> 'retryable')::boolean and s.failures < p_retry_count and r.is_open into will_retry
    from public.orchestration_runs r
    join public.orchestration_steps s on s.run_id = r.id and s.step_id = p_step_id where r.id = p_run_id;
    update public.orchestration_steps set status = case when will_retry then 'queued' else 'failed' end,
      completed_at = case when not will_retry then now_at end, attempt_number = attempt_number + will_retry::int,
      failures = failures + 1, error = p_error, metadata = metadata || p_metadata
    where run_id = p_run_id and step_id = p_step_id;
    events := baton.step_event('step.failed', p_step_id, p_attempt_number,
      jsonb_build_object('error', p_error, 'willRetry', will_retry));
    if will_retry then
      events := events || baton.step_event('step.queued', p_step_id, p_attempt_number + 1,
        '{"reason": "retry"}');
    else
      events := events || baton.step_event('step_failed', p_step_id, p_attempt_number,
          jsonb_build_object('error', p_error, 'notifyHuman', p_notify_human))
        || baton.fail_run_with(p_run_id, p_step_id, p_error, now_at);
    end if;
    perform baton.advance_run(p_run_id, p_boundary_id, events);
  end if;
  if not recorded and baton.has_ended_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'failed') then
    recorded := true;
    will_retry := exists (select from public.orchestration_steps s
      where s.run_id = p_run_id and s.step_id = p_step_id and s.attempt_number > p_attempt_number);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('recorded', recorded, 'willRetry', will_retry,
    'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'));
end $$;
grant execute on function baton.fail_step to baton_step;
