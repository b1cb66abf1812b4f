-- Ends an open run as aborted (see close_aborted_run) and orders the stop of its execution. `p_data` is the data of the
-- event run.aborted; Step Functions shows `p_detail`. Answers with the events to record.
create or replace function baton.abort_single_run(p_run_id uuid, p_boundary_id uuid, p_decided_id uuid, p_data jsonb,
  p_detail text) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.claim_launch_event(p_run_id, p_boundary_id);
  perform baton.order_stop(p_run_id, p_boundary_id, 'RunAborted', p_detail);
  return baton.close_aborted_run(p_run_id, p_decided_id, p_data);
end $$;
