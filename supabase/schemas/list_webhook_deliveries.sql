-- Deliveries of a webhook, for an admin of its organisation, the newest first: those with the status, or all, before a
-- moment and an id. Null: there is no such webhook, or the caller is not an admin.
create or replace function baton.list_webhook_deliveries(p_user_id uuid, p_organization text, p_webhook_id uuid,
  p_status text, p_before_at timestamptz, p_before_id uuid, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  w baton.webhooks := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
begin
  if w.id is null then
    return null;
  end if;
  return (select coalesce(jsonb_agg(baton.webhook_delivery(l.d) order by (l.d).created_at desc, (l.d).id desc), '[]')
    from (select d from baton.webhook_deliveries d
      where d.webhook_id = w.id and (p_status is null or d.status = p_status)
        and (p_before_at is null or (d.created_at, d.id) < (p_before_at, p_before_id))
      order by d.created_at desc, d.id desc limit p_limit) as l);
end $$;
grant execute on function baton.list_webhook_deliveries to baton_api;
