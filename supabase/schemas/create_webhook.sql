-- Creates a webhook, which is unverified at first. The lock lets one call after the other count the organisation's. A
-- repeated call finds the webhook by its id. Null: the caller is not an admin there.
create or replace function baton.create_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_webhook_id uuid, p_url text, p_description text, p_event_types text[], p_max integer)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  w baton.webhooks;
  outcome text;
begin
  select * into o from public.organizations where slug = p_organization for no key update;
  if not baton.is_admin(o.id, p_user_id) then
    return null;
  end if;
  outcome := case
    when exists (select from baton.webhooks h where h.id = p_webhook_id) then 'created'
    when exists (select from baton.webhooks h where h.organization_id = o.id and h.url = p_url) then 'url_taken'
    when (select count(*) from baton.webhooks h where h.organization_id = o.id) >= p_max then 'too_many'
    else 'created' end;
  if outcome = 'created' then
    insert into baton.webhooks (id, organization_id, url, description, event_types, created_by, created_at)
    values (p_webhook_id, o.id, p_url, p_description, p_event_types, p_user_id, clock_timestamp())
    on conflict (id) do nothing;
  end if;
  perform baton.strike_off(p_delivered);
  select * into w from baton.webhooks h where h.id = p_webhook_id and h.organization_id = o.id;
  return jsonb_build_object('outcome', outcome, 'webhook', baton.webhook(w));
end $$;
grant execute on function baton.create_webhook to baton_api;
