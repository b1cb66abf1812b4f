-- Fails what a webhook waits for. Attempts at work end by themselves, but pings `p_with_pings` end here.
create or replace function baton.fail_waiting_deliveries(p_webhook_id uuid, p_error text, p_with_pings boolean,
  p_at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update baton.webhook_deliveries d set status = 'failed', error = p_error, completed_at = p_at,
    next_attempt_at = null, send_at = null, claim_id = null, lease_until = null
  where d.webhook_id = p_webhook_id and d.status = 'pending' and case when d.event_type = 'baton.ping'
    then p_with_pings else coalesce(d.lease_until <= p_at, true) end;
end $$;
