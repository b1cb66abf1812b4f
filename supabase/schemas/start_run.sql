-- Starts a pending run at its first boundary. Answers with the events to record.
create or replace function baton.start_run(p_run_id uuid, p_previous_status text, p_boundary_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  if p_previous_status <> 'pending' then
    return '[]';
  end if;
  update public.orchestration_runs set status = 'running', started_at = clock_timestamp() where id = p_run_id;
  perform baton.claim_launch_event(p_run_id, p_boundary_id);
  return baton.event('run.updated', '{"previousStatus": "pending", "reason": "started"}');
end $$;
