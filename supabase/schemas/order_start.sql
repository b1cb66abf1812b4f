-- Orders the start of the execution of a run's current generation. Its ARN tells a deliverer whether the execution
-- belongs to its engine.
create or replace function baton.order_start(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.order_effect(r.id, p_boundary_id, 'start',
    jsonb_build_object('machine', r.machine, 'generation', r.generation, 'execution', e.arn))
  from public.orchestration_runs r
  join baton.executions e on e.run_id = r.id and e.generation = r.generation
  where r.id = p_run_id;
end $$;
