-- Whether a boundary has ordered an execution of a run before: the call is repeated, because its answer was lost.
create or replace function baton.has_ordered_execution(p_run_id uuid, p_boundary_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from baton.executions e where e.run_id = p_run_id and e.boundary_id = p_boundary_id);
end $$;
