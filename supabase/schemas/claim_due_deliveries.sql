-- For the relay: due deliveries whose message is lost, or was too far ahead for a queue, at most as many of each
-- webhook as it has room for; and events of disabled webhooks that are not on the bus. Deletes deliveries after 30
-- days. The order is random, so that webhooks without room do not keep the others waiting.
create or replace function baton.claim_due_deliveries(p_boundary_id uuid, p_delivered uuid[], p_at_once integer,
  p_places integer, p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
  answer jsonb := baton.boundary_answer(p_boundary_id);
begin
  if answer is null then
    perform baton.delete_old_deliveries(now_at);
    with waiting as materialized (
      select w.id from baton.webhooks w where exists (select from baton.webhook_deliveries d
        where d.webhook_id = w.id and d.status = 'pending' and d.send_at <= now_at)
      order by random() limit p_limit
    ), told as (
      update baton.webhooks w set announce_at = now_at + interval '2 minutes'
      where w.id in (
        select a.id from baton.webhooks a where a.announce_at <= now_at limit p_limit for update skip locked)
      returning w.announcement
    )
    select jsonb_build_object(
      'deliveries', coalesce((select jsonb_agg(t.id) from waiting,
        jsonb_array_elements(baton.take_due_deliveries(waiting.id, p_at_once, p_places, now_at)) as t (id)), '[]'),
      'announcements', coalesce((select jsonb_agg(told.announcement) from told), '[]')) into answer;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.claim_due_deliveries to baton_relay;
