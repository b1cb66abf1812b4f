-- Locks a webhook until the end of the transaction, so that one boundary after the other counts its attempts.
create or replace function baton.lock_webhook(p_webhook_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform from baton.webhooks where id = p_webhook_id for no key update;
end $$;
