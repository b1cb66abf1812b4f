-- Gives a run, and the open runs below it, their next executions: the history of the present one is nearly full. The
-- executions of child runs are started by their parents' machines. Attempts that are at work go on: the next
-- execution waits for them. The caller holds the lock of the run.
create or replace function baton.continue_run(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  r public.orchestration_runs;
begin
  perform baton.lock_tree(p_run_id);
  for r in
    select o.* from public.orchestration_runs o where o.id = any (baton.tree_of(p_run_id)) and o.is_open
    order by o.depth, o.id
  loop
    perform baton.order_stop(r.id, p_boundary_id, 'RunContinued', 'the run goes on with its next execution');
    update public.orchestration_runs set generation = generation + 1 where id = r.id;
    perform baton.order_execution(r.id, p_boundary_id);
    if r.parent_run_id is null then
      perform baton.order_start(r.id, p_boundary_id);
    end if;
    perform baton.record_events(r.id, p_boundary_id,
      baton.event('run.updated', jsonb_build_object('previousStatus', r.status, 'reason', 'moved')));
  end loop;
  update baton.outbox set available_at = clock_timestamp()
  where boundary_id = p_boundary_id and run_id = any (baton.tree_of(p_run_id)) and kind = any ('{start,stop}');
end $$;
