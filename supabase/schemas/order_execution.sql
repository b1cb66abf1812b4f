-- Inserts the execution of a run's current generation. From now on, only this execution may act, and the earlier ones
-- should be over.
create or replace function baton.order_execution(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  ordered integer;
begin
  insert into baton.executions (run_id, generation, arn, boundary_id)
  select r.id, r.generation, r.execution_prefix || r.machine || ':' || r.id || '-' || r.generation, p_boundary_id
  from public.orchestration_runs r where r.id = p_run_id
  returning generation into ordered;
  if ordered > 1 then
    perform baton.expect_ends(p_run_id, ordered - 1);
  end if;
end $$;
