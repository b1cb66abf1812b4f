-- Records why an attempt failed. The record decides whether the budget allows another; if not, the run fails with it, unless
-- the definition lets it go on. With an item its for_each step fails (or is settled, where the run goes on). `recorded` is
-- false where the attempt is another delivery's, or the run was aborted.
create or replace function baton.fail_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid, p_error jsonb, p_retry_count integer, p_notify_human boolean,
  p_metadata jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r public.orchestration_runs;
  s public.orchestration_steps;
  a public.orchestration_step_attempts;
  told jsonb;
  will_retry boolean;
  events jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select * into r from public.orchestration_runs where id = p_run_id;
  select * into s from public.orchestration_steps where run_id = p_run_id and step_id = p_step_id;
  a := baton.attempt_of(p_run_id, p_step_id, p_attempt_number, p_delivery_id);
  if a.run_id is not null then
    will_retry := (p_error ->> 'retryable')::boolean and s.failures < p_retry_count and r.is_open;
    told := baton.step_told(s) || jsonb_build_object('error', p_error);
    update public.orchestration_step_attempts set status = 'failed', ended_at = now_at, error = p_error,
      metadata = p_metadata where run_id = p_run_id and step_id = p_step_id and attempt_number = p_attempt_number;
    update public.orchestration_steps set status = case when will_retry then 'queued' else 'failed' end,
      completed_at = case when not will_retry then now_at end, attempt_number = attempt_number + will_retry::int,
      failures = failures + 1, error = p_error, metadata = metadata || p_metadata
    where run_id = p_run_id and step_id = p_step_id;
    events := baton.event('step.failed', told || jsonb_build_object('willRetry', will_retry));
    if will_retry then
      events := events || baton.event('step.queued', baton.step_told(s)
        || jsonb_build_object('attemptNumber', s.attempt_number + 1, 'reason', 'retry'));
    else
      events := events || baton.event('step_failed', told || jsonb_build_object('notifyHuman', p_notify_human))
        || baton.fail_run_with(s, p_error);
    end if;
    perform baton.advance(p_run_id, p_boundary_id, events);
  end if;
  perform baton.strike_off(p_delivered);
  select * into a from public.orchestration_step_attempts
  where run_id = p_run_id and step_id = p_step_id and attempt_number = p_attempt_number and delivery_id = p_delivery_id;
  select * into s from public.orchestration_steps where run_id = p_run_id and step_id = p_step_id;
  return jsonb_build_object('recorded', coalesce(a.status = 'failed', false),
    'willRetry', coalesce(a.attempt_number < s.attempt_number, false),
    'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'));
end $$;
grant execute on function baton.fail_step to baton_step;
