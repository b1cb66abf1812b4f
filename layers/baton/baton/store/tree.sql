-- A run and everything below it. Runs as [lock_run, lock_descendants …, statements …, advance, effects_of_tree, run_status] in
-- one pipeline (see boundary.sql): the root is locked first, then what is below it.

-- name: lock_descendants
-- Everything below a run, parents first. Whoever it waits for may have made a child run meanwhile, which it does not see. Hence
-- it runs once for every level that a tree can have: nobody makes a run below one that is locked, so each time one more level
-- is complete.
select 1 from public.orchestration_runs r where r.id in (
  with recursive below as (
    select c.id from public.orchestration_runs c where c.parent_run_id = %(run_id)s
    union all
    select c.id from public.orchestration_runs c join below on c.parent_run_id = below.id
  ) select id from below)
order by r.depth, r.id for no key update;

-- name: effects_of_tree
-- What this boundary left to be delivered, for the run and everything below it (see written_effects in boundary.sql).
with recursive tree as (
  select r.id from public.orchestration_runs r where r.id = %(run_id)s
  union all
  select c.id from public.orchestration_runs c join tree on c.parent_run_id = tree.id
)
select o.id, o.run_id, o.kind, o.payload from baton.outbox o join tree on tree.id = o.run_id
where o.boundary_id = %(boundary_id)s order by o.position;

-- name: abort_orphans
-- Ends every open run below a run that nobody waits for any more: its parent has ended, or its parent's
-- step was skipped or failed and the parent goes on.
-- With `engine_id`, only those that this engine drives.
with recursive below as (
  select c.id, p.status in ('completed', 'failed', 'aborted') or s.status = 'skipped'
    or (s.status = 'failed' and s.continue_on_failure) as orphaned
  from public.orchestration_runs p
  join public.orchestration_runs c on c.parent_run_id = p.id
  join public.orchestration_steps s on s.run_id = p.id and s.step_id = c.parent_step_id
  where p.id = %(run_id)s
  union all
  select c.id, below.orphaned or p.status in ('completed', 'failed', 'aborted') or s.status = 'skipped'
    or (s.status = 'failed' and s.continue_on_failure)
  from below
  join public.orchestration_runs p on p.id = below.id
  join public.orchestration_runs c on c.parent_run_id = p.id
  join public.orchestration_steps s on s.run_id = p.id and s.step_id = c.parent_step_id
), orphan as (
  select r.* from public.orchestration_runs r join below on below.id = r.id
  where below.orphaned and r.status in ('pending', 'running', 'checkpoint')
    and (%(engine_id)s::text is null or r.engine_id = %(engine_id)s)
), steps as (
  update public.orchestration_steps s set status = 'skipped', completed_at = now(),
    metadata = s.metadata || '{"reason": "aborted"}'
  from orphan where s.run_id = orphan.id and s.status in ('pending', 'queued', 'running', 'checkpoint')
), approvals as (
  update public.human_approvals a set status = 'closed', closed_reason = 'aborted'
  from orphan where a.run_id = orphan.id and a.status = 'pending'
), runs as (
  update public.orchestration_runs r set status = 'aborted', completed_at = now() from orphan where r.id = orphan.id
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select orphan.id, orphan.organization_id, e.type, e.data
  from orphan, lateral (
    select * from baton.ended_with(orphan.id, null)
    union all
    select null, 'orchestration.run.aborted', '{"reason": "its parent run has ended or goes on without it"}'
  ) as e
  order by orphan.depth, orphan.id, e.place nulls last
)
insert into baton.outbox (run_id, kind, payload)
select id, 'stop', jsonb_build_object('machine', machine, 'generation', generation, 'reason', 'RunAborted',
  'detail', 'the parent run has ended or goes on without it')
from orphan order by depth, id;
