-- What an attempt's result means for its webhook. A success of a ping makes it active. Five days of failures disable
-- it, or the answer 410 at once. After an attempt of five seconds it is slow for ten minutes (see webhook_room). An
-- attempt from before it was verified means nothing, except a ping: perhaps another URL has answered.
create or replace function baton.judge_webhook(p_delivery baton.webhook_deliveries, p_result text,
  p_milliseconds integer, p_at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  w baton.webhooks;
begin
  select * into w from baton.webhooks h where h.id = p_delivery.webhook_id;
  if p_delivery.event_type <> 'baton.ping' and coalesce(p_delivery.attempted_at < w.verified_at, true) then
    return;
  end if;
  update baton.webhooks h set slow_until = p_at + interval '10 minutes' where h.id = w.id and p_milliseconds >= 5000;
  if p_result = 'delivered' then
    update baton.webhooks h set first_failed_at = null where h.id = w.id and h.first_failed_at is not null;
    if p_delivery.event_type = 'baton.ping' and w.status <> 'active' then
      update baton.webhooks h set status = 'active', verified_at = p_at, disabled_reason = null, disabled_at = null
      where h.id = w.id;
    end if;
  elsif w.status = 'active' and p_result = 'gone' then
    perform baton.disable_webhook(w, 'gone', p_at);
  elsif w.status = 'active' and w.first_failed_at <= p_at - interval '5 days' then
    perform baton.disable_webhook(w, 'failing', p_at);
  elsif w.status = 'active' and w.first_failed_at is null then
    update baton.webhooks h set first_failed_at = p_at where h.id = w.id;
  end if;
end $$;
