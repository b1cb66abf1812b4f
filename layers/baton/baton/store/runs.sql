-- The read of forks. It checks the caller's membership.

-- name: fork_source
-- The run to fork, for a member of its organisation, with its steps, the definition of the fork, and whether the
-- idempotency key has made a run. The definition is the run's own version, or the named version of the same
-- definition; null if it is archived.
select r.organization_id, o.slug as organization, m.roles, r.definition_name, r.options,
  r.parameters || r.parameter_overrides as parameters, d.id as definition_id, d.plan, d.owner_agent_slug,
  (clock_timestamp() at time zone o.time_zone)::date as today,
  baton.run_of_key(%(user_id)s::uuid, r.organization_id, %(idempotency_key)s::text) is not null as key_is_used,
  (select coalesce(jsonb_object_agg(s.step_id, jsonb_build_object('status', s.status,
     'outputs', case when s.seen is null then s.outputs else nullif(s.seen, '{}') end,
     'attemptNumber', s.attempt_number, 'skipReason', s.skip_reason)), '{}')
   from public.orchestration_steps s where s.run_id = r.id and s.item_of is null) as steps
from public.orchestration_runs r
join public.organizations o on o.id = r.organization_id
join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
left join lateral (
  select d.* from public.orchestration_definitions d join public.organizations d_o on d_o.id = d.organization_id
  where d.archived_at is null and case when %(version)s::text is null then d.id = r.definition_id
    else d.name = r.definition_name and d.version = %(version)s
      and (d_o.slug = 'global' or (d_o.id = r.organization_id and not r.options ? 'sharedOnly')) end
  order by d_o.slug = 'global' limit 1
) as d on true
where r.id = %(source_run_id)s;
