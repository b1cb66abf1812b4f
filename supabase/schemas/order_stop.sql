-- Orders the stop of the execution of a run's current generation; Step Functions shows `p_reason` and `p_detail`.
create or replace function baton.order_stop(p_run_id uuid, p_boundary_id uuid, p_reason text, p_detail text)
returns void language plpgsql volatile set search_path = '' as $$
declare
  current_generation integer := (select generation from public.orchestration_runs where id = p_run_id);
begin
  perform baton.order_stop_of(p_run_id, current_generation, p_boundary_id, p_reason, p_detail);
  perform baton.expect_ends(p_run_id, current_generation);
end $$;
