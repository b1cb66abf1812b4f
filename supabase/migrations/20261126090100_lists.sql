-- What the lists of the API go by. A list walks over one of these indexes for each organisation of the caller and each
-- status, from the place where the page begins; so a filter that matches nothing costs a few blocks, too. None of them
-- holds a column that changes at every step: updates of a run stay HOT but for its few changes of status.

create index orchestration_runs_status on public.orchestration_runs (organization_id, status, created_at desc, id desc);
create index orchestration_runs_name on public.orchestration_runs
  (organization_id, definition_name, status, created_at desc, id desc);
create index orchestration_runs_version on public.orchestration_runs
  (definition_id, organization_id, status, created_at desc, id desc);
create index human_approvals_status on public.human_approvals (organization_id, status, created_at, id);
create index outbox_failed on baton.outbox (position) where failures > 0;

-- These begin with the same columns as one of those, or are a part of it.
drop index public.orchestration_runs_organization;
drop index public.orchestration_runs_definition;
drop index public.human_approvals_pending;

-- Postgres plans for the average organisation. Where many have a run or two, it would rather read all events of an
-- organisation than all events of a run, which is wrong for the organisation that has most of them. So it is told that
-- organisations are few.
do $$
declare
  name text;
begin
  foreach name in array array['orchestration_runs', 'orchestration_steps', 'orchestration_step_attempts',
      'orchestration_events', 'human_approvals', 'deliverables'] loop
    execute format('alter table public.%I alter column organization_id set (n_distinct = 10)', name);
  end loop;
end $$;
