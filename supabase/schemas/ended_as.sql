-- How a delivery left an attempt; null if another one owns it.
create or replace function baton.ended_as(p_run_id uuid, p_step_id text, p_attempt_number integer, p_delivery_id uuid)
returns text language plpgsql stable set search_path = '' as $$
begin
  return (select t.status from public.orchestration_step_attempts t where t.run_id = p_run_id and t.step_id = p_step_id
    and t.attempt_number = p_attempt_number and t.delivery_id = p_delivery_id);
end $$;
