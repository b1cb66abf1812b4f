-- One event about a step or item (see event).
create or replace function baton.step_event(p_type text, p_step_id text, p_attempt_number integer, p_data jsonb)
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return baton.event(p_type, baton.step_event_data(p_step_id, p_attempt_number) || p_data);
end $$;
