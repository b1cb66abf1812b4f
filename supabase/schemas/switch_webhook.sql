-- Gives a webhook another URL, and turns it off or on. With another URL, or on again, it is unverified. What it waits
-- for fails then, and so do its pings, whose answers would speak for what it was before.
create or replace function baton.switch_webhook(p_webhook baton.webhooks, p_url text, p_enabled boolean,
  p_at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_url <> p_webhook.url or (p_enabled and p_webhook.status = 'disabled') then
    update baton.webhooks h set url = coalesce(p_url, h.url), status = 'unverified', disabled_reason = null,
      disabled_at = null, verified_at = null, first_failed_at = null
    where h.id = p_webhook.id;
    perform baton.fail_waiting_deliveries(p_webhook.id, 'the webhook was changed', true, p_at);
  end if;
  if not p_enabled and p_webhook.status <> 'disabled' then
    perform baton.disable_webhook(w, 'by_admin', p_at) from baton.webhooks w where w.id = p_webhook.id;
  end if;
end $$;
