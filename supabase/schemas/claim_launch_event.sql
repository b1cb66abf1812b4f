-- Moves the event of a run's launch to this boundary, which delivers it: the launch itself only starts the run.
create or replace function baton.claim_launch_event(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update baton.outbox set boundary_id = p_boundary_id
  where run_id = p_run_id and kind = 'event' and boundary_id is null;
end $$;
