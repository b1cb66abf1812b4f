-- Has what a run's launch told go out with this boundary's effects: the launch does nothing but start the run.
create or replace function baton.take_launch_event(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update baton.outbox set boundary_id = p_boundary_id
  where run_id = p_run_id and kind = 'event' and boundary_id is null;
end $$;
