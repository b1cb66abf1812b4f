-- Fails a delivery that no attempt can help: its webhook is not active, or its attempts crash. Whether it did so.
create or replace function baton.fail_hopeless_delivery(p_delivery baton.webhook_deliveries, p_webhook_status text,
  p_max_attempts integer) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  reason text := case
    when p_webhook_status <> 'active' and p_delivery.event_type <> 'baton.ping' then 'the webhook is not active'
    when p_delivery.attempts >= p_max_attempts then 'the last attempt did not end' end;
begin
  if reason is not null then
    update baton.webhook_deliveries d set status = 'failed', error = reason, completed_at = clock_timestamp(),
      next_attempt_at = null, send_at = null, claim_id = null, lease_until = null
    where d.id = p_delivery.id;
  end if;
  return reason is not null;
end $$;
