-- The effects that a boundary ordered for some runs, in the order of writing: [{"id", "runId", "kind", "payload",
-- "token"}]. The payload of an event is its envelope; of a completion, the recorded decision. `p_tokens` says which
-- tokens the answer may contain: 'none', 'gates' or 'all'.
create or replace function baton.effects_of(p_run_ids uuid[], p_boundary_id uuid, p_tokens text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'runId', o.run_id, 'kind', o.kind,
      'payload', case o.kind
        when 'event' then baton.event_envelope(e.id, e.created_at, e.sequence, e.type, g.slug, e.run, e.data)
        when 'complete' then baton.completion_payload(o.payload)
        else o.payload end,
      'token', case o.kind
        when 'release' then case when p_tokens <> 'none' then baton.gate_token(o.payload) end
        when 'complete' then case when p_tokens = 'all' then baton.checkpoint_token(o.payload) end end)
      order by o.position), '[]')
    from baton.outbox o
    left join public.orchestration_events e on e.run_id = o.run_id and e.sequence = o.sequence
    left join public.organizations g on g.id = e.organization_id
    where o.run_id = any (p_run_ids) and o.boundary_id = p_boundary_id);
end $$;
