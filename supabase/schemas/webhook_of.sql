-- A webhook of an organisation, for an admin of it; a row of nulls if there is none, or the caller is not an admin.
create or replace function baton.webhook_of(p_organization text, p_user_id uuid, p_webhook_id uuid)
returns baton.webhooks language plpgsql stable set search_path = '' as $$
declare
  w baton.webhooks;
begin
  select h.* into w from baton.webhooks h
  join public.organizations o on o.id = h.organization_id
  join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id and 'admin' = any (m.roles)
  where h.id = p_webhook_id and o.slug = p_organization;
  return w;
end $$;
