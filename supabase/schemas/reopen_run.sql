-- Gives a run that is recovered its next execution. A root run's start is ordered here; a child's execution is started
-- by its parent's machine. Running steps are taken over; failed and aborted steps are tried again. `p_step_id` is the
-- step that the operator names, if any; `p_review` is the operator's review (see recover_step); `p_data` is data of the
-- event run.updated. The run's clock stood still while the run had ended; a child run that ran out of time gets its
-- time again. Answers with the events to record.
create or replace function baton.reopen_run(p_run_id uuid, p_boundary_id uuid, p_step_id text, p_review jsonb,
  p_data jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  r public.orchestration_runs;
  s public.orchestration_steps;
  next_status text;
  step_ids text[] := '{}';
  step_events jsonb := '[]';
  events jsonb := '[]';
begin
  select * into r from public.orchestration_runs where id = p_run_id;
  if r.parent_run_id is null or r.status in ('running', 'checkpoint') then
    perform baton.order_stop(p_run_id, p_boundary_id, 'RunRecovered', 'the run goes on with its next execution');
  end if;
  perform baton.end_leases(array[p_run_id]);
  for s in
    select o.* from public.orchestration_steps o
    where o.run_id = p_run_id and (o.status in ('queued', 'running')
      or (o.status = 'failed' and (not o.continue_on_failure or o.step_id = p_step_id))
      or (o.skip_reason = 'aborted' and r.status = 'aborted'))
    order by o.item_index, o.step_index  -- a for_each step before its items: keeps_attempt reads their statuses
  loop
    step_events := step_events || baton.recover_step(s, coalesce(s.step_id = p_step_id, false), p_review);
    step_ids := step_ids || coalesce(s.item_of, s.step_id);
  end loop;
  next_status := case
    when r.is_open then r.status
    when exists (select from public.human_approvals a where a.run_id = p_run_id and a.status = 'pending')
      then 'checkpoint'
    when r.started_at is null then 'pending'
    else 'running' end;
  update public.orchestration_runs set generation = generation + 1, status = next_status, completed_at = null,
    ends_at = case when r.completed_at is null then ends_at
      when ends_at <= r.completed_at then baton.end_of_run(r.plan)
      else ends_at + (clock_timestamp() - r.completed_at) end,
    error = null, results = case next_status when 'checkpoint' then baton.results_of(id) else results end
  where id = p_run_id;
  perform baton.order_execution(p_run_id, p_boundary_id);
  if r.parent_run_id is null then
    perform baton.order_start(p_run_id, p_boundary_id);
  end if;
  if not r.is_open then
    events := baton.event('run.updated', p_data || jsonb_build_object('previousStatus', r.status,
      'stepIds', array(select distinct id from unnest(step_ids) as id order by id)));
  end if;
  return events || step_events;
end $$;
