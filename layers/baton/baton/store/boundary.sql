-- What stands around every boundary of a run: [lock_run, the boundary's statement, advance, written_effects, …] in one
-- pipeline, i.e. in one transaction and one round trip. The lock is a statement of its own because one statement sees one
-- snapshot: only a statement that begins after the lock is held sees what the last holder did.

-- name: lock_run
-- Serialises everything that moves one run, and names the transaction for what it leaves in the outbox. No stronger than it must
-- be: a grandchild's row refers to the root run, and would wait for whoever holds that and in turn waits for the child.
select set_config('baton.boundary', %(boundary_id)s, true)
from public.orchestration_runs where id = %(run_id)s for no key update;

-- name: advance
-- What follows from where the steps stand now. The run is completed, waits for a person, or runs; and every gate is released
-- whose step may go on: its dependencies are done and, under maxParallel, there is a place for it (longest remaining way
-- first). Places are counted from the record: a step holds one from its admission until it is done or waits for a person.
-- The gate of a step that is beyond waiting (it was admitted by an earlier execution) is released at once.
with run as (
  select r.id, r.organization_id, r.generation, r.status as was, (r.plan ->> 'maxParallel')::int as max_parallel, case
    when not exists (select from public.orchestration_steps s where s.run_id = r.id
      and s.status not in ('completed', 'skipped') and not (s.status = 'failed' and s.continue_on_failure)) then 'completed'
    when exists (select from public.human_approvals a where a.run_id = r.id and a.status = 'pending') then 'checkpoint'
    else 'running' end as status
  from public.orchestration_runs r
  where r.id = %(run_id)s and r.status in ('running', 'checkpoint')
), moved as (
  update public.orchestration_runs r set status = run.status,
    completed_at = case when run.status = 'completed' then now() end
  from run where r.id = run.id and r.status <> run.status
), gate as (
  select distinct on (g.step_id) g.id, g.step_id, s.status, s.priority, s.step_index, s.depends_on
  from run
  join baton.gate_tokens g on g.run_id = run.id and g.generation = run.generation and g.released_at is null
  join public.orchestration_steps s on s.run_id = g.run_id and s.step_id = g.step_id
  order by g.step_id, g.id desc
), ready as (
  select gate.*, row_number() over (order by gate.priority desc, gate.step_index) as place
  from gate
  where gate.status = 'pending' and not exists (
    select from public.orchestration_steps d
    where d.run_id = %(run_id)s and d.step_id = any (gate.depends_on)
      and d.status not in ('completed', 'skipped') and not (d.status = 'failed' and d.continue_on_failure))
), admitted as (
  select ready.* from ready, run
  where run.max_parallel is null or ready.place <= run.max_parallel - (
    select count(*) from public.orchestration_steps s
    where s.run_id = run.id and s.item_of is null and s.status in ('queued', 'running'))
), queued as (
  update public.orchestration_steps s set status = 'queued'
  from admitted where s.run_id = %(run_id)s and s.step_id = admitted.step_id
  returning s.step_id, s.attempt_number, admitted.place
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select run.id, run.organization_id, e.type, e.data
  from run, lateral (
    select 0 as place, 'orchestration.run.' || case status when 'completed' then status else 'updated' end as type,
      case status when 'completed' then '{}' else jsonb_build_object('previousStatus', was,
        'reason', case status when 'checkpoint' then 'waiting' else 'resumed' end) end as data
    where status <> was
    union all
    select place, 'orchestration.step.queued', jsonb_build_object('stepId', step_id, 'attemptNumber', attempt_number,
      'reason', 'admitted') from queued
  ) as e
  order by e.place
), released as (
  update baton.gate_tokens g set released_at = now()
  where g.id in (select id from admitted union all select id from gate where status <> 'pending')
  returning g.id, g.run_id, g.step_id
)
insert into baton.outbox (run_id, kind, payload)
select run_id, 'release', jsonb_build_object('stepId', step_id, 'gateId', id) from released;

-- name: written_effects
-- What this boundary left to be delivered, for the run and a child run that it made; whoever wrote it delivers it at once. Its
-- id tells: if the answer to the commit was lost, the boundary is repeated, and writes nothing more. With a run's first boundary
-- come the events of its launch, which does nothing but start it.
select o.id, o.run_id, o.kind, o.payload from baton.outbox o
where o.run_id = any (%(written_for)s::uuid[]) and (o.boundary_id = %(boundary_id)s or (o.kind = 'event' and exists (
  select from public.orchestration_runs r where r.id = o.run_id
    and r.started_at in (now(), (select min(w.created_at) from baton.outbox w where w.run_id = r.id and
      w.boundary_id = %(boundary_id)s)))))
order by o.position;

-- name: released_tokens
-- The tokens of the gates that this boundary released, for the logins that may read them.
select o.id, g.token, g.execution from baton.outbox o join baton.gate_tokens g on g.id = (o.payload ->> 'gateId')::bigint
where o.run_id = %(run_id)s and o.boundary_id = %(boundary_id)s and o.kind = 'release';

-- name: completed_tokens
-- The newest tokens of the checkpoints that this boundary answered, for the login that may read them.
select distinct on (o.id) o.id, t.token
from baton.outbox o join baton.checkpoint_tokens t on t.approval_id = (o.payload ->> 'approvalId')::uuid
where o.run_id = %(run_id)s and o.boundary_id = %(boundary_id)s and o.kind = 'complete' order by o.id, t.id desc;

-- name: run_status
-- Where the run stands after all that.
select status from public.orchestration_runs where id = %(run_id)s;
