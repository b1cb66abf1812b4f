-- Disables a webhook and fails what it still waits for; also its pings, if an admin wants it. The event about it is for
-- the bus: the caller of the boundary puts it there, or the relay.
create or replace function baton.disable_webhook(p_webhook baton.webhooks, p_reason text, p_at timestamptz)
returns void language plpgsql volatile set search_path = '' as $$
begin
  update baton.webhooks h set status = 'disabled', disabled_reason = p_reason, disabled_at = p_at,
    announce_at = p_at + interval '60 seconds',
    announcement = baton.webhook_event(gen_random_uuid(), p_at, 'baton.webhook.disabled', h,
      jsonb_build_object('reason', p_reason))
  where h.id = p_webhook.id;
  perform baton.fail_waiting_deliveries(p_webhook.id, 'the webhook was disabled', p_reason = 'by_admin', p_at);
end $$;
