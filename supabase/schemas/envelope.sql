-- An event as subscribers get it.
create or replace function baton.envelope(p_event_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('version', 1, 'id', e.id,
      'time', to_char(e.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'sequence', e.sequence, 'type', e.type, 'organization', o.slug, 'correlationId', e.run ->> 'rootRunId',
      'run', e.run, 'data', baton.in_brief(e.data))
    from public.orchestration_events e join public.organizations o on o.id = e.organization_id
    where e.id = p_event_id);
end $$;
