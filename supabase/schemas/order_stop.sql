-- Orders the execution of a run's present generation stopped; Step Functions shows `p_reason` and `p_detail`.
create or replace function baton.order_stop(p_run_id uuid, p_boundary_id uuid, p_reason text, p_detail text)
returns void language plpgsql volatile set search_path = '' as $$
begin
  perform baton.order_effect(r.id, p_boundary_id, 'stop', jsonb_build_object('machine', r.machine,
    'generation', r.generation, 'reason', p_reason, 'detail', p_detail))
  from public.orchestration_runs r where r.id = p_run_id;
end $$;
