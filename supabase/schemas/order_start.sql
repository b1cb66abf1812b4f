-- Orders the start of the execution of a run's present generation.
create or replace function baton.order_start(p_run_id uuid, p_boundary_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.order_effect(r.id, p_boundary_id, 'start',
    jsonb_build_object('machine', r.machine, 'generation', r.generation))
  from public.orchestration_runs r where r.id = p_run_id;
end $$;
