-- Locks the places that webhooks share, until the end of the transaction: for a slow webhook, and for another's second
-- attempt and further ones. The first attempt of a webhook that is not slow waits for no other webhook.
create or replace function baton.lock_webhook_places(p_webhook_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  now_at constant timestamptz := clock_timestamp();
begin
  if exists (select from baton.webhooks w where w.id = p_webhook_id and w.slow_until > now_at)
    or exists (select from baton.webhook_deliveries d where d.webhook_id = p_webhook_id and d.lease_until > now_at)
  then
    perform pg_advisory_xact_lock(hashtext('baton.webhook_places'));
  end if;
end $$;
