-- An event as subscribers get it (`api.views.events` makes the same of a row).
create or replace function baton.event_envelope(p_id uuid, p_at timestamptz, p_sequence bigint, p_type text,
  p_organization text, p_run jsonb, p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('version', 1, 'id', p_id,
    'time', to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'sequence', p_sequence, 'type', p_type, 'organization', p_organization, 'correlationId', p_run ->> 'rootRunId',
    'run', p_run, 'data', baton.shorten_event_data(p_data));
end $$;
