-- One event for advance_run or record_events, without the null values of its data.
create or replace function baton.event(p_type text, p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_array(jsonb_build_object('type', 'orchestration.' || p_type, 'data', jsonb_strip_nulls(p_data)));
end $$;
