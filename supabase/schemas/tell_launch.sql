-- The first event of a new run and, for a root run, the order to start its execution. The event of a root run goes out
-- with the run's first boundary, a moment later, so that nobody who launches waits for it (see start_run).
create or replace function baton.tell_launch(p_run_id uuid, p_boundary_id uuid, p_more jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  r public.orchestration_runs;
begin
  select * into r from public.orchestration_runs where id = p_run_id;
  perform baton.tell(p_run_id, case when r.parent_run_id is not null then p_boundary_id end, baton.event('run.created',
    jsonb_build_object('launchedBy', r.launched_by, 'ownerAgent', r.owner_agent_slug) || p_more));
  perform baton.order_execution(p_run_id, p_boundary_id);
  if r.parent_run_id is null then
    perform baton.order_start(p_run_id, p_boundary_id);
  end if;
end $$;
