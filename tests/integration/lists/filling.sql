-- Fills the tables of the lists with `lists.runs` runs, as the owner of a test database. Foreign keys would take a minute,
-- so they are dropped; CHECKs and indexes stay. Rows have a random order: so each row of a page is in another block, as
-- after many updates.
set synchronous_commit = off;

do $$
declare
  reference record;
begin
  for reference in select conrelid::regclass as place, conname as name from pg_constraint
    where contype = 'f' and connamespace in ('public'::regnamespace, 'baton'::regnamespace) loop
    execute format('alter table %s drop constraint %I', reference.place, reference.name);
  end loop;
end $$;

-- `busy` owns nine of ten runs, `small` a few, `empty` none. Fifty others, and very many with one run each, share the rest.
-- So the organisations of the tests are far from the average.
insert into public.organizations (id, slug, name)
select md5('organization ' || slug)::uuid, slug, slug
from (
  select unnest(array['busy', 'small', 'empty'])
  union all select 'other-' || n from generate_series(1, 50) as n
  union all select 'tiny-' || n from generate_series(1, 2500) as n
) as o (slug);

-- Each has a member of its own, who may do anything; `everywhere` belongs to all but the busy one and the tiny ones.
insert into public.organization_members (organization_id, user_id, roles)
select o.id, md5('member ' || who)::uuid, array['viewer', 'operator', 'approver', 'admin']
from public.organizations o,
  lateral (select o.slug union all select 'everywhere' where o.slug !~ 'busy|tiny') as m (who)
where o.slug <> 'global';

insert into public.agents (organization_id, slug, display_name, kind, transport)
select id, 'worker-' || n, 'Worker', 'agent', '{"type": "lambda", "function": "worker"}'
from public.organizations, generate_series(1, 5) as n where slug !~ 'global|tiny';

-- Nearly every run is one of `review`, a few are of `rare`, none is of `unused`; each has ten versions. A tiny
-- organisation has one definition of its own.
create temporary table definitions as
select md5(concat_ws(' ', 'definition', slug, d.name, minor))::uuid as id, o.id as organization_id, d.name, minor
from public.organizations o,
  lateral unnest(case when slug ~ 'tiny' then array[slug] else array['review', 'rare', 'unused'] end) as d (name),
  lateral generate_series(0, case when slug ~ 'tiny' then 0 else 9 end) as minor
where slug <> 'global';

insert into public.orchestration_definitions (id, organization_id, name, version, display_name, owner_agent_slug,
  source, plan, digest, machine)
select id, organization_id, name, '1.' || minor || '.0', initcap(name), 'manager',
  repeat('# as it was written' || chr(10), 20),
  jsonb_build_object('format', 1, 'name', name, 'displayName', initcap(name), 'steps', jsonb_build_array(
    jsonb_build_object('id', 's0', 'index', 0, 'name', 'Look', 'agent', 'worker', 'type', 'agent'),
    jsonb_build_object('id', 's1', 'index', 1, 'name', 'Tell', 'agent', 'worker', 'type', 'agent'))),
  'd', name
from definitions;

-- A run every three minutes. No run of `busy` was ever aborted; its runs of `rare`, the oldest, have all completed.
-- Most runs are of version 1.9.0, none is of 1.8.0.
create temporary table runs as
select n, md5('run ' || n)::uuid as id, slug, d.name, d.minor, case
    when d.name = 'rare' then 'completed'
    when n % 20 = 0 then 'failed'
    when n % 20 = 1 and slug <> 'busy' then 'aborted'
    when n % 100 = 2 then 'checkpoint'
    when n % 100 = 22 then 'running'
    when n % 100 = 42 then 'pending'
    else 'completed' end as status,
  timestamptz '2026-11-01 00:00+00' - make_interval(mins => 3 * n) as at
from generate_series(1, current_setting('lists.runs')::int) as n,
  lateral (select case
    when n % 5000 = 7 then 'small'
    when n % 20 = 1 then 'other-' || n / 20 % 50 + 1
    when n % 20 = 11 then 'tiny-' || n / 20 % 2500 + 1
    else 'busy' end as slug) as o,
  lateral (select
    case when slug ~ 'tiny' then slug when n > 0.999 * current_setting('lists.runs')::int then 'rare' else 'review' end
      as name,
    case when slug ~ 'tiny' then 0 when n % 50 < 8 then n % 50 else 9 end as minor) as d;

insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, error, digest, machine, engine_id, execution_prefix, root_run_id,
  launched_by, created_at, started_at, completed_at)
select r.id, d.organization_id, d.id, d.name, d.version, 'manager', status, jsonb_build_object('number', n), d.plan,
  case status when 'failed' then '{"type": "Broken", "message": "it failed"}'::jsonb end, 'd', 'm', 'e', 'arn:', r.id,
  md5('member ' || slug)::uuid, at, case when status <> 'pending' then at end,
  case when status in ('completed', 'failed', 'aborted') then at end
from runs r
join public.orchestration_definitions d on d.id = md5(concat_ws(' ', 'definition', slug, r.name, minor))::uuid
order by r.id;

-- One run in fifty of those that failed has forty children, all made when it was.
insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, root_run_id, parent_run_id,
  parent_step_id, parent_attempt, depth, launched_by, created_at, started_at, completed_at)
select md5('child ' || i || ' of ' || n)::uuid, r.organization_id, r.definition_id, r.definition_name,
  r.definition_version, 'manager', 'completed', '{}', r.plan, 'd', 'm', 'e', 'arn:', r.id, r.id, 's1', i, 2,
  r.launched_by,
  r.created_at, r.created_at, r.created_at
from runs join public.orchestration_runs r using (id), generate_series(1, 40) as i where n % 1000 = 0;

-- One approval a run. None has ever expired.
insert into public.human_approvals (id, run_id, organization_id, step_id, attempt_number, status, question, options,
  decision, decided_by, decided_at, closed_reason, created_at)
select md5('approval ' || n)::uuid, id, md5('organization ' || slug)::uuid, 's0', 1, a.status, 'Good?', '[]',
  case a.status when 'decided' then 'continue' end,
  case a.status when 'decided' then md5('member ' || slug)::uuid end,
  case a.status when 'decided' then at end, case a.status when 'closed' then 'aborted' end, at
from runs, lateral (select case runs.status
  when 'checkpoint' then 'pending' when 'aborted' then 'closed' else 'decided' end as status) as a
order by id;

-- One run in five has its details: two steps with an attempt each, five events, a deliverable.
delete from runs where n % 10 > 1;

insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, status, outputs,
  started_at, completed_at)
select id, md5('organization ' || slug)::uuid, 's' || i, i, 'worker', 'BUILD', 'completed', '{"value": 1}', at, at
from runs, generate_series(0, 1) as i order by id;

insert into public.orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, outputs, started_at, ended_at)
select run_id, step_id, 1, organization_id, 'completed', run_id || '|' || step_id, run_id, 1, started_at, outputs,
  started_at, started_at
from public.orchestration_steps;

insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run, created_at)
select id, md5('organization ' || slug)::uuid, i, 'orchestration.step.running', '{}', '{}', at
from runs, generate_series(1, 5) as i order by id;

insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
  content, created_at)
select md5('deliverable ' || n)::uuid, id, md5('organization ' || slug)::uuid, 's1', 1, 'worker', 'analysis', 'text',
  'Summary', 'All is well.', at
from runs order by id;

-- Effects that wait. Two dozen of them have failed already.
insert into baton.outbox (run_id, kind, sequence, failures, last_error, created_at)
select id, 'event', 1, case when n % 4000 = 0 then 3 else 0 end,
  case when n % 4000 = 0 then 'the bus is away' end, at
from runs order by id;

analyze public.organizations, public.organization_members, public.agents, public.orchestration_definitions,
  public.orchestration_runs, public.orchestration_steps, public.orchestration_step_attempts,
  public.orchestration_events, public.human_approvals, public.deliverables, baton.outbox;
