-- An event as subscribers get it (`api.views.events` makes the same of a row).
create or replace function baton.envelope(p_run_id uuid, p_sequence bigint) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('version', 1, 'id', e.id,
      'time', to_char(e.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'sequence', e.sequence, 'type', e.type, 'organization', o.slug, 'correlationId', e.run ->> 'rootRunId', 'run', e.run,
      'data', case when length(e.data::text) <= 1000 then e.data else baton.in_brief(e.data) end)
    from public.orchestration_events e join public.organizations o on o.id = e.organization_id
    where e.run_id = p_run_id and e.sequence = p_sequence);
end $$;
