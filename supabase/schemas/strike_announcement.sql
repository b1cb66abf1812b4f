-- Notes that the event of a webhook's disabling is on the bus.
create or replace function baton.strike_announcement(p_boundary_id uuid, p_delivered uuid[], p_event_id uuid)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  update baton.webhooks w set announcement = null, announce_at = null
  where w.announcement ->> 'id' = p_event_id::text;
  perform baton.strike_off(p_delivered);
  return '{}';
end $$;
grant execute on function baton.strike_announcement to baton_webhook, baton_relay;
