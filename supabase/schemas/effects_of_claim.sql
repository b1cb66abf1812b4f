-- The effects of a claim, in the order of writing, as effects_of answers them, with "failures" and "wanted". A start is
-- wanted while its run is open and has no later generation. Every other effect is always wanted.
create or replace function baton.effects_of_claim(p_claim_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'runId', o.run_id, 'kind', o.kind,
      'payload', case o.kind
        when 'event' then baton.event_envelope(e.id, e.created_at, e.sequence, e.type, g.slug, e.run, e.data)
        else o.payload end,
      'token', case o.kind when 'release' then baton.gate_token(o.payload) end, 'failures', o.failures,
      'wanted', o.kind <> 'start' or (r.is_open and r.generation = (o.payload ->> 'generation')::int))
      order by o.position), '[]')
    from baton.outbox o
    join public.orchestration_runs r on r.id = o.run_id
    join public.organizations g on g.id = r.organization_id
    left join public.orchestration_events e on e.run_id = o.run_id and e.sequence = o.sequence
    where o.claim_id = p_claim_id);
end $$;
