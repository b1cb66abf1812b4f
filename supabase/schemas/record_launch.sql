-- Records the first event of a new run and orders its execution; of a root run, also the start. The first boundary of a
-- root run delivers the event a moment later, so that a launch does not wait for it (see start_run).
create or replace function baton.record_launch(p_run_id uuid, p_boundary_id uuid, p_data jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  r public.orchestration_runs;
begin
  select * into r from public.orchestration_runs where id = p_run_id;
  perform baton.record_events(p_run_id, case when r.parent_run_id is not null then p_boundary_id end,
    baton.event('run.created',
      jsonb_build_object('launchedBy', r.launched_by, 'ownerAgent', r.owner_agent_slug) || p_data));
  perform baton.order_execution(p_run_id, p_boundary_id);
  if r.parent_run_id is null then
    perform baton.order_start(p_run_id, p_boundary_id);
  end if;
end $$;
