-- Orders the stop of the execution of one generation of a run. The machine is that of the execution: the run may have
-- another machine for its next one (see repin_run).
create or replace function baton.order_stop_of(p_run_id uuid, p_generation integer, p_boundary_id uuid, p_reason text,
  p_detail text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.order_effect(r.id, p_boundary_id, 'stop', jsonb_build_object(
    'machine', split_part(substr(e.arn, length(r.execution_prefix) + 1), ':', 1),
    'generation', e.generation, 'execution', e.arn, 'reason', p_reason, 'detail', p_detail))
  from public.orchestration_runs r
  join baton.executions e on e.run_id = r.id and e.generation = p_generation
  where r.id = p_run_id;
end $$;
