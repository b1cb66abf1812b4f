-- Ends every open orphan below a run. A run is an orphan when its parent has ended, or when its parent's step was
-- skipped or failed and the parent goes on. With `p_engine_id`, this ends only the runs that this engine drives. The
-- caller holds the lock of the tree.
create or replace function baton.abort_orphans(p_run_id uuid, p_boundary_id uuid, p_engine_id text) returns void
language plpgsql volatile set search_path = '' as $$
declare
  orphan public.orchestration_runs;
begin
  for orphan in
    with recursive below as (
      select c.id, not p.is_open or s.status = 'skipped' or (s.status = 'failed' and s.continue_on_failure) as orphaned
      from public.orchestration_runs c
      join public.orchestration_runs p on p.id = c.parent_run_id
      join public.orchestration_steps s on s.run_id = p.id and s.step_id = c.parent_step_id
      where c.parent_run_id = p_run_id
      union all
      select c.id, below.orphaned or not p.is_open or s.status = 'skipped'
        or (s.status = 'failed' and s.continue_on_failure)
      from below
      join public.orchestration_runs p on p.id = below.id
      join public.orchestration_runs c on c.parent_run_id = p.id
      join public.orchestration_steps s on s.run_id = p.id and s.step_id = c.parent_step_id
    )
    select r.* from below join public.orchestration_runs r on r.id = below.id
    where below.orphaned and r.is_open and (p_engine_id is null or r.engine_id = p_engine_id) order by r.depth, r.id
  loop
    perform baton.record_events(orphan.id, p_boundary_id, baton.abort_single_run(orphan.id, p_boundary_id, null,
      '{"reason": "its parent run has ended or goes on without it"}',
      'the parent run has ended or goes on without it'));
  end loop;
end $$;
