-- The tokens of an organisation, for an admin of it, the newest first.
create or replace function baton.list_service_tokens(p_user_id uuid, p_organization text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(baton.service_token(t) order by t.created_at desc, t.id), '[]')
    from public.organizations o
    join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id and 'admin' = any (m.roles)
    join baton.service_tokens t on t.organization_id = o.id
    where o.slug = p_organization);
end $$;
grant execute on function baton.list_service_tokens to baton_api;
