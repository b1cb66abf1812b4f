-- What follows from where the steps of a run stand now: it is completed, waits for a person, or runs; and gates are released.
-- Tells `p_events` and what follows after them. The last thing a boundary does to a run.
create or replace function baton.advance(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  was text := (select status from public.orchestration_runs where id = p_run_id);
  goes_on text;
  events jsonb := p_events;
begin
  if was in ('running', 'checkpoint') then
    goes_on := case
      when not exists (select from public.orchestration_steps s
        where s.run_id = p_run_id and s.item_index = -1 and not s.is_done) then 'completed'
      when exists (select from public.human_approvals a where a.run_id = p_run_id and a.status = 'pending')
        then 'checkpoint'
      else 'running' end;
    if goes_on = 'completed' then
      update public.orchestration_runs set status = goes_on, completed_at = clock_timestamp(),
        results = baton.results_of(p_run_id) where id = p_run_id;
      events := events || baton.event('run.completed', '{}');
    elsif goes_on <> was then
      update public.orchestration_runs set status = goes_on,
        results = case goes_on when 'checkpoint' then baton.results_of(p_run_id) else results end where id = p_run_id;
      events := events || baton.event('run.updated', jsonb_build_object('previousStatus', was,
        'reason', case goes_on when 'checkpoint' then 'waiting' else 'resumed' end));
    end if;
    events := events || baton.admit(p_run_id, p_boundary_id);
  end if;
  perform baton.tell(p_run_id, p_boundary_id, events);
end $$;
