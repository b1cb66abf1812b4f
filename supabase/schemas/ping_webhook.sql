-- Orders a ping of a webhook: its first success makes the webhook active. A repeated call finds the delivery by its id.
-- Null: there is no such webhook, or the caller is not an admin of its organisation.
create or replace function baton.ping_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_webhook_id uuid, p_delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  w baton.webhooks := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
  now_at timestamptz := clock_timestamp();
  d baton.webhook_deliveries;
begin
  if w.id is null then
    return null;
  end if;
  insert into baton.webhook_deliveries (id, webhook_id, event_id, event_type, next_attempt_at, send_at, created_at)
  values (p_delivery_id, w.id, p_delivery_id, 'baton.ping', now_at, now_at + interval '60 seconds', now_at)
  on conflict (id) do nothing;
  perform baton.strike_off(p_delivered);
  select * into d from baton.webhook_deliveries e where e.id = p_delivery_id and e.webhook_id = w.id;
  return baton.webhook_delivery(d);
end $$;
grant execute on function baton.ping_webhook to baton_api;
