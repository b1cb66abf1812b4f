-- Indexes for the lists of the API. A list scans one of these indexes for each organisation of the caller and each
-- status, from the first row of the page. So a filter without matches also costs only a few blocks. No index has a
-- column that changes with every step: only a run's few changes of status are not HOT updates.

create index orchestration_runs_status on public.orchestration_runs (organization_id, status, created_at desc, id desc);
create index orchestration_runs_name on public.orchestration_runs
  (organization_id, definition_name, status, created_at desc, id desc);
create index orchestration_runs_version on public.orchestration_runs
  (definition_id, organization_id, status, created_at desc, id desc);
create index human_approvals_status on public.human_approvals (organization_id, status, created_at, id);
create index outbox_failed on baton.outbox (position) where failures > 0;

-- Each of these begins with the same columns as one of the new indexes, or is a part of it.
drop index public.orchestration_runs_organization;
drop index public.orchestration_runs_definition;
drop index public.human_approvals_pending;

-- Postgres plans for the average organisation. If many organisations have a run or two, it prefers to read all events of
-- an organisation over all events of a run. That is slow for the organisation with most of the events. This setting
-- makes it assume few organisations.
do $$
declare
  name text;
begin
  foreach name in array array['orchestration_runs', 'orchestration_steps', 'orchestration_step_attempts',
      'orchestration_events', 'human_approvals', 'deliverables'] loop
    execute format('alter table public.%I alter column organization_id set (n_distinct = 10)', name);
  end loop;
end $$;
