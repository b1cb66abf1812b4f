-- The webhooks of an organisation, for an admin of it, the oldest first.
create or replace function baton.list_webhooks(p_user_id uuid, p_organization text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(baton.webhook(w) order by w.created_at, w.id), '[]')
    from public.organizations o
    join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id and 'admin' = any (m.roles)
    join baton.webhooks w on w.organization_id = o.id
    where o.slug = p_organization);
end $$;
grant execute on function baton.list_webhooks to baton_api;
