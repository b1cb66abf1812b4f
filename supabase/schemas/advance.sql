-- What follows from where the steps of a run stand now: it is completed, waits for a person, or runs; and gates are
-- released. Tells `p_events` and what follows after them. The last thing a boundary does to a run. Answers with the
-- effects of what it told; null where it told nothing, or may have released a gate.
create or replace function baton.advance(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  standing jsonb := baton.standing(p_run_id);
  was text := standing ->> 'status';
  goes_on text := was;
  events jsonb := p_events;
  admitted jsonb;
  told jsonb;
begin
  if was in ('running', 'checkpoint') then
    goes_on := case
      when standing['steps'] @> '{"pending": 0, "queued": 0, "running": 0, "checkpoint": 0}' then 'completed'
      when standing['steps'] @> '{"checkpoint": 0}' then 'running'
      when exists (select from public.human_approvals a where a.run_id = p_run_id and a.status = 'pending')
        then 'checkpoint'
      else 'running' end;
    if goes_on <> was then
      update public.orchestration_runs set status = goes_on,
        completed_at = case goes_on when 'completed' then clock_timestamp() end,
        results = case when goes_on in ('completed', 'checkpoint') then baton.results_of(id) else results end
      where id = p_run_id;
      standing := standing || jsonb_build_object('status', goes_on);
      events := events || case goes_on when 'completed' then baton.event('run.completed', '{}')
        else baton.event('run.updated', jsonb_build_object('previousStatus', was,
          'reason', case goes_on when 'checkpoint' then 'waiting' else 'resumed' end)) end;
    end if;
    admitted := baton.admit(p_run_id, p_boundary_id);
    if admitted <> '[]' then
      events := events || admitted;
      standing := baton.standing(p_run_id);
    end if;
  elsif was = 'failed' then  -- a late sibling's work counts
    update public.orchestration_runs set results = baton.results_of(id) where id = p_run_id;
  end if;
  told := baton.tell_as(p_run_id, p_boundary_id, events, standing);
  return case when admitted is null then told end;
end $$;
