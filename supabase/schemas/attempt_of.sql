-- An attempt that a delivery works on, while the run takes something of it; null if another delivery owns it, it is over,
-- or the run was aborted. A failed run still takes it: the work is paid for, and the next generation can use it.
create or replace function baton.attempt_of(p_run_id uuid, p_step_id text, p_attempt_number integer, p_delivery_id uuid)
returns public.orchestration_step_attempts language plpgsql stable set search_path = '' as $$
declare
  a public.orchestration_step_attempts;
begin
  select t.* into a
  from public.orchestration_step_attempts t join public.orchestration_runs r on r.id = t.run_id
  where t.run_id = p_run_id and t.step_id = p_step_id and t.attempt_number = p_attempt_number
    and t.delivery_id = p_delivery_id and t.status = 'running' and r.status <> 'aborted';
  return a;
end $$;
