-- Whether this delivery has ended its attempt with this status, in an earlier call whose answer was lost.
create or replace function baton.has_ended_attempt(p_run_id uuid, p_step_id text, p_attempt_number integer,
  p_delivery_id uuid, p_status text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.orchestration_step_attempts a where a.run_id = p_run_id and a.step_id = p_step_id
    and a.attempt_number = p_attempt_number and a.delivery_id = p_delivery_id and a.status = p_status);
end $$;
