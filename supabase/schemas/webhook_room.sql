-- How many more attempts of a webhook may begin, so that slow ones take nobody's turn. Its first may begin at any
-- time, further ones, up to `p_at_once`, while less than half of `p_places` are taken. A slow webhook has one attempt
-- at work, and all slow ones together have at most half of the places.
create or replace function baton.webhook_room(p_webhook_id uuid, p_at_once integer, p_places integer,
  p_at timestamptz) returns integer
language plpgsql stable set search_path = '' as $$
declare
  half constant integer := p_places / 2;
  is_slow boolean := exists (select from baton.webhooks w where w.id = p_webhook_id and w.slow_until > p_at);
  own integer;
  slow integer;
  taken integer;
begin
  select count(*) filter (where d.webhook_id = p_webhook_id), count(*) filter (where w.slow_until > p_at), count(*)
  into own, slow, taken
  from baton.webhook_deliveries d join baton.webhooks w on w.id = d.webhook_id
  where d.lease_until > p_at;
  return greatest(0, case
    when is_slow then least(1 - own, half - slow)
    when taken < half then least(p_at_once - own, half - taken)
    else least(1, p_at_once) - own end);
end $$;
