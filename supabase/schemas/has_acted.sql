-- Whether a boundary has moved a run before: its answer was lost, and it is repeated.
create or replace function baton.has_acted(p_run_id uuid, p_boundary_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from baton.outbox o where o.run_id = p_run_id and o.boundary_id = p_boundary_id);
end $$;
