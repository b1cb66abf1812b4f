-- What a delivery posts: the event of a run, as subscribers of the bus get it, or a ping. Null: the run is gone.
create or replace function baton.webhook_body(p_delivery baton.webhook_deliveries) returns text
language plpgsql stable set search_path = '' as $$
begin
  if p_delivery.run_id is null then
    return (select baton.webhook_event(p_delivery.event_id, p_delivery.created_at, p_delivery.event_type, w, '{}')
      from baton.webhooks w where w.id = p_delivery.webhook_id)::text;
  end if;
  return (select baton.event_envelope(e.id, e.created_at, e.sequence, e.type, o.slug, e.run, e.data)
    from public.orchestration_events e join public.organizations o on o.id = e.organization_id
    where e.run_id = p_delivery.run_id and e.sequence = p_delivery.sequence)::text;
end $$;
