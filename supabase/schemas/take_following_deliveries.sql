-- What may begin after an attempt of a webhook has ended: its own due deliveries; after one of a slow webhook, those of
-- a slow webhook by chance, so that none of them keeps its place. The caller sends their messages: [id].
create or replace function baton.take_following_deliveries(p_webhook_id uuid, p_at_once integer, p_places integer,
  p_at timestamptz) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  follower uuid := p_webhook_id;
begin
  if exists (select from baton.webhooks w where w.id = p_webhook_id and w.slow_until > p_at) then
    select w.id into follower from baton.webhooks w
    where w.slow_until > p_at and baton.webhook_room(w.id, p_at_once, p_places, p_at) > 0
      and exists (select from baton.webhook_deliveries d where d.webhook_id = w.id and d.status = 'pending'
        and d.send_at <= p_at and d.next_attempt_at <= p_at)
    order by random() limit 1;
  end if;
  return baton.take_due_deliveries(follower, p_at_once, p_places, p_at);
end $$;
