-- Launches. Every statement joins the caller's membership.

-- name: earlier_run
-- The run that was made with an idempotency key.
select r.id, r.status, r.definition_id as "definitionId", r.owner_agent_slug as "ownerAgent", r.plan,
  made.run ->> 'requestHash' as "requestHash"
from baton.run_of_key(%(user_id)s::uuid, %(organization_id)s::uuid, %(idempotency_key)s) as made (run)
join public.orchestration_runs r on r.id = (made.run ->> 'runId')::uuid;
