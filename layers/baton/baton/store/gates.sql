-- The boundary of a gate (see boundary.sql; `advance` releases it as soon as its step may go on).

-- name: open_gate
-- Stores the token of a step that may have to wait for steps of another branch, or for a place under maxParallel. In a completed
-- run nothing does: a step may have passed its gate, and all have ended, before this call could say that it had opened it.
with verdict as (
  select r.id, r.organization_id, s.step_id, r.generation, r.status, case
    when r.status in ('failed', 'aborted') then 'run_ended'
    when r.generation <> %(generation)s then 'stale_generation'
    when r.digest <> %(digest)s then 'wrong_machine'
    else 'stored' end as outcome
  from public.orchestration_runs r join public.orchestration_steps s on s.run_id = r.id
  where r.id = %(run_id)s and s.step_id = %(step_id)s
), token as (
  insert into baton.gate_tokens (run_id, step_id, generation, token, execution, released_at)
  select id, step_id, generation, %(token)s::text, %(execution)s::text, case when status = 'completed' then now() end
  from verdict where outcome = 'stored'
  returning id, run_id, step_id, released_at
), release as (
  insert into baton.outbox (run_id, kind, payload)
  select run_id, 'release', jsonb_build_object('stepId', step_id, 'gateId', id) from token where released_at is not null
), run as (
  update public.orchestration_runs r set status = 'running', started_at = now()
  from verdict where verdict.outcome = 'stored' and r.id = verdict.id and r.status = 'pending'
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select id, organization_id, 'orchestration.run.updated', '{"previousStatus": "pending", "reason": "started"}'
  from verdict where outcome = 'stored' and status = 'pending'
)
select outcome from verdict;
