-- Whether a delivery works on an attempt, and the run takes something of it: not if another delivery owns it, if it is over,
-- or if the run was aborted. A failed run still takes it: the work is paid for, and the next generation can use it.
create or replace function baton.works_on(p_run_id uuid, p_step_id text, p_attempt_number integer, p_delivery_id uuid)
returns boolean language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.orchestration_step_attempts t
    join public.orchestration_runs r on r.id = t.run_id and r.status <> 'aborted'
    where t.run_id = p_run_id and t.step_id = p_step_id and t.attempt_number = p_attempt_number
      and t.delivery_id = p_delivery_id and t.status = 'running');
end $$;
