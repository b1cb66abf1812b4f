-- Due deliveries of a webhook without a message, for as many attempts as it has room for, the longest due first. The
-- caller sends their messages: [id].
create or replace function baton.take_due_deliveries(p_webhook_id uuid, p_at_once integer, p_places integer,
  p_at timestamptz) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  taken jsonb;
begin
  with due as materialized (
    select d.id from baton.webhook_deliveries d
    where d.webhook_id = p_webhook_id and d.status = 'pending' and d.send_at <= p_at and d.next_attempt_at <= p_at
      and coalesce(d.lease_until <= p_at, true)
    order by d.send_at, d.id limit baton.webhook_room(p_webhook_id, p_at_once, p_places, p_at)
    for update skip locked
  ), sent as (
    update baton.webhook_deliveries d set send_at = p_at + interval '2 minutes' from due where d.id = due.id
    returning d.id
  )
  select coalesce(jsonb_agg(sent.id order by sent.id), '[]') into taken from sent;
  return taken;
end $$;
