-- What is to be known before a run goes on or is ended. What is done to it are functions of the record.

-- name: recovery_terms
-- What an action on a run has to go by, for a member of its organisation.
select r.id as run_id, o.slug as organization, m.roles, r.status, r.generation, r.plan, r.root_run_id, r.parent_run_id,
  r.parameters || r.parameter_overrides as parameters, r.error,
  (select coalesce(jsonb_object_agg(s.step_id, jsonb_build_object('status', s.status, 'continues', s.continue_on_failure,
     'hasChild', exists (select from public.orchestration_runs c where c.parent_run_id = r.id
       and c.parent_step_id = s.step_id and c.parent_attempt = s.attempt_number))), '{}')
   from public.orchestration_steps s where s.run_id = r.id and s.item_of is null) as steps
from public.orchestration_runs r
join public.organizations o on o.id = r.organization_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
where r.id = %(run_id)s;

-- name: now
-- The record's clock.
select clock_timestamp() as now;

-- name: pinned_run
-- What the machine of a run of this engine is compiled from; null if it is not open in that generation.
select baton.pinned_run(%(run_id)s::uuid, %(generation)s::integer, %(engine_id)s::text) as answer;

-- name: orphaned_trees
-- Ended runs with an open run of this engine directly below them.
select baton.orphaned_trees(%(engine_id)s::text, %(quiet_seconds)s::float8, %(limit)s::integer) as answer;
