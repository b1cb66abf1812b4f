-- Ends an open run as aborted (see close_aborted), and orders its execution stopped: `p_detail` is what Step Functions
-- is told. Answers with the events to tell.
create or replace function baton.end_aborted(p_run_id uuid, p_boundary_id uuid, p_decided_id uuid, p_told jsonb,
  p_detail text) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  perform baton.take_launch_event(p_run_id, p_boundary_id);
  perform baton.order_stop(p_run_id, p_boundary_id, 'RunAborted', p_detail);
  return baton.close_aborted(p_run_id, p_decided_id, p_told);
end $$;
