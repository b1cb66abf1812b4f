-- Updates a run after its steps have changed: it completes, waits for a person, or runs; and gates are released. Then
-- it records `p_events`, followed by the events of these changes. This is the last thing that a boundary does to a run.
-- Answers with the effects of the recorded events; null if it recorded none, or if gates of the run were waiting.
create or replace function baton.advance_run(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  run record := baton.run_state(p_run_id);
  previous_status text := run.state ->> 'status';
  next_status text := previous_status;
  events jsonb := p_events;
  gate_events jsonb;
  effects jsonb;
begin
  if previous_status in ('running', 'checkpoint') then
    next_status := case
      when run.state['steps'] @> '{"pending": 0, "queued": 0, "running": 0, "checkpoint": 0}' then 'completed'
      when run.state['steps'] @> '{"checkpoint": 0}' then 'running'
      when exists (select from public.human_approvals a where a.run_id = p_run_id and a.status = 'pending')
        then 'checkpoint'
      else 'running' end;
    if next_status <> previous_status then
      update public.orchestration_runs set status = next_status,
        completed_at = case next_status when 'completed' then clock_timestamp() end,
        results = case when next_status in ('completed', 'checkpoint') then baton.results_of(id) else results end
      where id = p_run_id;
      run.state := run.state || jsonb_build_object('status', next_status);
      events := events || case next_status when 'completed' then baton.event('run.completed', '{}')
        else baton.event('run.updated', jsonb_build_object('previousStatus', previous_status,
          'reason', case next_status when 'checkpoint' then 'waiting' else 'resumed' end)) end;
    end if;
    if run.has_waiting_gates then
      gate_events := baton.release_gates(p_run_id, p_boundary_id);
      if gate_events <> '[]' then
        events := events || gate_events;
        run := baton.run_state(p_run_id);
      end if;
    end if;
  elsif previous_status = 'failed' then  -- a late sibling's work counts
    update public.orchestration_runs set results = baton.results_of(id) where id = p_run_id;
  end if;
  if events <> '[]' then
    effects := baton.insert_events(p_run_id, p_boundary_id, events, run);
  end if;
  return case when gate_events is null then effects end;
end $$;
