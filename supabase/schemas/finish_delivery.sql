-- Ends an attempt with its result: `delivered`, `failed` or `gone`. The next attempt is after `p_retry_seconds`; null:
-- there is none, and neither is there if the webhook is no longer active. Answers whether there is one, `retried`, with
-- the deliveries that may begin now, `next`, whether this attempt `disabled` the webhook, and with the event of the
-- webhook's disabling, while it is not on the bus. `late`: the lease has ended, and another attempt decides; or the
-- webhook was deleted.
create or replace function baton.finish_delivery(p_boundary_id uuid, p_delivered uuid[], p_delivery_id uuid,
  p_claim_id uuid, p_result text, p_response_status integer, p_response text, p_error text, p_milliseconds integer,
  p_retry_seconds double precision, p_at_once integer, p_places integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  d baton.webhook_deliveries;
  outcome text;
  retry_seconds double precision;
  answer jsonb;
begin
  perform baton.lock_webhook((select e.webhook_id from baton.webhook_deliveries e where e.id = p_delivery_id));
  now_at := clock_timestamp();
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into d from baton.webhook_deliveries e where e.id = p_delivery_id;
    outcome := case when d.claim_id = p_claim_id then 'ended' else 'late' end;
    if outcome = 'ended' then
      perform baton.judge_webhook(d, p_result, p_milliseconds, now_at);
      retry_seconds := (select p_retry_seconds from baton.webhooks w where w.id = d.webhook_id and w.status = 'active');
      update baton.webhook_deliveries e set claim_id = null, lease_until = null, response_status = p_response_status,
        response = p_response, milliseconds = p_milliseconds,
        error = left(p_error || case when p_retry_seconds is not null and retry_seconds is null
          then '; no further attempt, because the webhook is not active' else '' end, 1024),
        status = case when p_result = 'delivered' then 'delivered' when retry_seconds is null then 'failed'
          else 'pending' end,
        next_attempt_at = now_at + make_interval(secs => retry_seconds),
        send_at = now_at + make_interval(secs => retry_seconds + 60),
        completed_at = case when retry_seconds is null then now_at end
      where e.id = d.id;
    end if;
    answer := jsonb_build_object('outcome', outcome, 'retried', retry_seconds is not null,
      'next', baton.take_following_deliveries(d.webhook_id, p_at_once, p_places, now_at),
      'disabled', outcome = 'ended' and exists (select from baton.webhooks w
        where w.id = d.webhook_id and w.disabled_at = now_at),
      'announcement', (select w.announcement from baton.webhooks w where w.id = d.webhook_id));
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.finish_delivery to baton_webhook;
