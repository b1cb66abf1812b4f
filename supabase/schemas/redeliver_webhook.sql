-- Orders a delivery again, from its first attempt, with the same event id. Only an active webhook gets events. Null:
-- there is no such delivery, or the caller is not an admin of its organisation.
create or replace function baton.redeliver_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_webhook_id uuid, p_delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  w baton.webhooks := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
  now_at timestamptz;
  d baton.webhook_deliveries;
  outcome text;
  answer jsonb;
begin
  perform baton.lock_webhook(w.id);
  answer := baton.boundary_answer(p_boundary_id);
  now_at := clock_timestamp();
  select * into d from baton.webhook_deliveries e where e.id = p_delivery_id and e.webhook_id = w.id;
  if answer is null and d.id is not null then
    outcome := case
      when d.event_type <> 'baton.ping' and (select h.status from baton.webhooks h where h.id = w.id) <> 'active'
        then 'inactive'
      when d.lease_until > now_at then 'at_work'
      else 'ordered' end;
    if outcome = 'ordered' then
      update baton.webhook_deliveries e set status = 'pending', attempts = 0, next_attempt_at = now_at,
        send_at = now_at + interval '60 seconds', claim_id = null, lease_until = null, completed_at = null
      where e.id = d.id returning * into d;
    end if;
    answer := jsonb_build_object('outcome', outcome, 'delivery', baton.webhook_delivery(d));
  end if;
  perform baton.save_boundary_answer(p_boundary_id, answer);
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.redeliver_webhook to baton_api;
