-- Fills the tables like those of a deployment after some time. bench/server.py runs this once, as a superuser, and keeps
-- the database. A run has four steps and ten events; one run in a hundred waits for a person.

-- Without triggers and foreign keys, which would take hours. CHECKs and indexes stay.
set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '256MB';

-- Twenty organisations with one definition each. The workloads run in another organisation.
insert into public.organizations (id, slug, name)
select md5('organization ' || n)::uuid, 'filled-' || n, 'Filled ' || n from generate_series(1, 20) as n;

insert into public.organization_members (organization_id, user_id, roles)
select o.id, md5('member ' || o.slug)::uuid, array['operator', 'approver'] from public.organizations o
where o.slug like 'filled-%';

insert into public.agents (organization_id, slug, display_name, kind, transport)
select o.id, 'worker', 'Worker', 'agent', '{"type": "lambda", "function": "worker"}' from public.organizations o
where o.slug like 'filled-%';

insert into public.orchestration_definitions (id, organization_id, name, version, display_name, owner_agent_slug,
  source, plan, digest, machine)
select md5('definition ' || o.slug)::uuid, o.id, 'filled', '1.0.0', 'Filled', 'manager', '',
  jsonb_build_object('format', 1, 'name', 'filled', 'steps', (
    select jsonb_agg(jsonb_build_object('id', 's' || i, 'index', i, 'agent', 'worker', 'type', 'agent', 'mode', 'BUILD',
      'input', jsonb_build_object('userMessage', 'Do step ' || i))) from generate_series(0, 3) as i)),
  'filled', 'filled'
from public.organizations o where o.slug like 'filled-%';

-- Two hundred days of runs.
insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, root_run_id, launched_by,
  created_at, started_at, completed_at)
select md5('run ' || n)::uuid, d.organization_id, d.id, d.name, d.version, d.owner_agent_slug,
  case when n % 100 = 0 then 'checkpoint' else 'completed' end, jsonb_build_object('number', n), d.plan, d.digest,
  'filled', 'filled', 'arn:aws:states:us-east-1:123456789012:execution:filled-', md5('run ' || n)::uuid,
  md5('member filled-' || n % 20 + 1)::uuid, t.at, t.at,
  case when n % 100 > 0 then t.at end
from generate_series(1, current_setting('bench.runs')::int) as n
join public.orchestration_definitions d on d.id = md5('definition filled-' || n % 20 + 1)::uuid,
lateral (select now() - make_interval(mins => n * 3) as at) as t;

insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, priority, agent_slug, mode,
  planned, depends_on, status, outputs, metadata, started_at, completed_at)
select r.id, r.organization_id, 's' || i, i, 4 - i, 'worker', 'BUILD', r.plan -> 'steps' -> i,
  case when i > 0 then array['s' || i - 1] else '{}' end, s.status,
  case when s.status <> 'pending' then jsonb_build_object('value', md5(r.id::text || i)) end,
  case when s.status <> 'pending' then jsonb_build_object('runtime', jsonb_build_object('input', '{}'::jsonb))
    else '{}' end,
  case when s.status <> 'pending' then r.created_at end, case when s.status = 'completed' then r.created_at end
from public.orchestration_runs r, generate_series(0, 3) as i, lateral (
  select case when r.status = 'completed' or i < 1 then 'completed' when i = 1 then 'checkpoint' else 'pending' end
    as status
) as s;

insert into public.orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, started_at, ended_at)
select s.run_id, s.step_id, 1, s.organization_id, 'completed', s.run_id || '|' || s.step_id, gen_random_uuid(), 1,
  s.started_at, s.started_at, s.started_at
from public.orchestration_steps s where s.status <> 'pending';

insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run, created_at)
select r.id, r.organization_id, n, case
    when n = 1 then 'orchestration.run.created' when n % 2 = 0 then 'orchestration.step.running'
    else 'orchestration.step.completed' end,
  jsonb_build_object('stepId', 's' || n / 3, 'attemptNumber', 1),
  jsonb_build_object('id', r.id, 'status', 'running', 'progress', n / 10.0), r.created_at
from public.orchestration_runs r, generate_series(1, 10) as n;

insert into public.human_approvals (run_id, organization_id, step_id, attempt_number, status, question, options,
  decision, decided_by, decided_at, created_at)
select r.id, r.organization_id, 's1', 1, case r.status when 'completed' then 'decided' else 'pending' end, 'Good?',
  '[{"action": "continue", "label": "Continue", "allowsModification": false}]',
  case r.status when 'completed' then 'continue' end, case r.status when 'completed' then r.launched_by end,
  case r.status when 'completed' then r.created_at end, r.created_at
from public.orchestration_runs r;

insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
  content, created_at)
select gen_random_uuid(), r.id, r.organization_id, 's3', 1, 'worker', 'analysis', 'text', 'Summary',
  repeat(md5(r.id::text), 8), r.created_at
from public.orchestration_runs r where r.status = 'completed';

set session_replication_role = origin;
