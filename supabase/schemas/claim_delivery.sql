-- Begins an attempt: the caller has the delivery until its lease ends, and makes a request. Without room (see
-- webhook_room), a delivery is `busy` until another attempt ends (see finish_delivery). `over`: there is nothing to do
-- now. A delivery whose attempts crash fails after `p_max_attempts`.
create or replace function baton.claim_delivery(p_boundary_id uuid, p_delivered uuid[], p_delivery_id uuid,
  p_lease_seconds double precision, p_at_once integer, p_places integer, p_max_attempts integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  d baton.webhook_deliveries;
  w baton.webhooks;
  outcome text;
begin
  perform baton.lock_webhook((select e.webhook_id from baton.webhook_deliveries e where e.id = p_delivery_id));
  perform baton.lock_webhook_places((select e.webhook_id from baton.webhook_deliveries e where e.id = p_delivery_id));
  now_at := clock_timestamp();
  select * into d from baton.webhook_deliveries e where e.id = p_delivery_id;
  select * into w from baton.webhooks h where h.id = d.webhook_id;
  outcome := case
    when d.status is distinct from 'pending' then 'over'
    when d.claim_id = p_boundary_id then 'claimed'
    when d.next_attempt_at > now_at or d.lease_until > now_at then 'over'
    when baton.fail_hopeless_delivery(d, w.status, p_max_attempts) then 'over'
    when baton.webhook_room(w.id, p_at_once, p_places, now_at) = 0 then 'busy'
    else 'claimed' end;
  if outcome = 'busy' then
    update baton.webhook_deliveries e set send_at = now_at where e.id = d.id and e.send_at > now_at;
  elsif outcome = 'claimed' and d.claim_id is distinct from p_boundary_id then
    update baton.webhook_deliveries e set attempts = e.attempts + 1, claim_id = p_boundary_id, attempted_at = now_at,
      lease_until = now_at + make_interval(secs => p_lease_seconds),
      send_at = now_at + make_interval(secs => p_lease_seconds)
    where e.id = d.id returning * into d;
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome) || case when outcome = 'claimed' then jsonb_build_object(
    'claimId', d.claim_id, 'webhookId', w.id, 'url', w.url, 'eventId', d.event_id, 'eventType', d.event_type,
    'attempt', d.attempts, 'body', baton.webhook_body(d), 'secretVersion', w.secret_version,
    'oldestSecretVersion', case when w.earlier_secret_ends_at > d.attempted_at then w.earlier_secret_version
      else w.secret_version end) else '{}' end;
end $$;
grant execute on function baton.claim_delivery to baton_webhook;
