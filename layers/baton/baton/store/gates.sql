-- The boundary of a gate (see boundary.sql; `advance` releases it as soon as its step may go on).

-- name: open_gate
-- Stores the token of a step that may have to wait for steps of another branch, or for a place under maxParallel.
with verdict as (
  select r.id, s.step_id, r.generation, case
    when r.status in ('completed', 'failed', 'aborted') then 'run_ended'
    when r.generation <> %(generation)s then 'stale_generation'
    when r.digest <> %(digest)s then 'wrong_machine'
    else 'stored' end as outcome
  from public.orchestration_runs r join public.orchestration_steps s on s.run_id = r.id
  where r.id = %(run_id)s and s.step_id = %(step_id)s
), token as (
  insert into baton.gate_tokens (run_id, step_id, generation, token, execution)
  select id, step_id, generation, %(token)s::text, %(execution)s::text from verdict where outcome = 'stored'
), run as (
  update public.orchestration_runs r set status = 'running', started_at = now()
  from verdict where verdict.outcome = 'stored' and r.id = verdict.id and r.status = 'pending'
)
select outcome from verdict;
