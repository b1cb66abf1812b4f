-- The reads of recovery. Functions of the record do the writes.

-- name: recovery_terms
-- What an action on a run needs to know, for a member of its organisation.
select r.id as run_id, o.slug as organization, m.roles, r.status, r.generation, r.plan, r.root_run_id, r.parent_run_id,
  r.parameters || r.parameter_overrides as parameters, r.error,
  (clock_timestamp() at time zone o.time_zone)::date as today,
  (select coalesce(jsonb_object_agg(s.step_id, jsonb_build_object('status', s.status,
     'continues', s.continue_on_failure, 'hasChild', exists (
       select from public.orchestration_runs c where c.parent_run_id = r.id
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
-- The plan and the machine of a run of this engine; null if the run is not open in that generation.
select baton.pinned_run(%(run_id)s::uuid, %(generation)s::integer, %(execution)s::text, %(engine_id)s::text) as answer;

-- name: runs_with_orphans
-- Ended runs with an open run of this engine directly below them.
select baton.runs_with_orphans(%(engine_id)s::text, %(quiet_seconds)s::float8, %(limit)s::integer) as answer;
