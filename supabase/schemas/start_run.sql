-- A pending run's first boundary: it runs from now on. Answers with the events to tell.
create or replace function baton.start_run(p_run_id uuid, p_was text, p_boundary_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  if p_was <> 'pending' then
    return '[]';
  end if;
  update public.orchestration_runs set status = 'running', started_at = clock_timestamp() where id = p_run_id;
  perform baton.take_launch_event(p_run_id, p_boundary_id);
  return baton.event('run.updated', '{"previousStatus": "pending", "reason": "started"}');
end $$;
