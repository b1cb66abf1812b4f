-- Writes events of a run (an array of what `event` makes) as it stands now, and leaves them to be delivered.
create or replace function baton.tell(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.tell_as(p_run_id, p_boundary_id, p_events, baton.standing(p_run_id));
end $$;
