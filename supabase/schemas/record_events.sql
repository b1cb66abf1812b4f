-- Records events of a run (an array of results of `event`) with its current state, and orders their delivery.
create or replace function baton.record_events(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.insert_events(p_run_id, p_boundary_id, p_events, baton.run_state(p_run_id));
end $$;
