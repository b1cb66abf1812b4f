-- The tokens of an organisation, for an admin of it, the newest first, before a moment and an id.
create or replace function baton.list_service_tokens(p_user_id uuid, p_organization text, p_before_at timestamptz,
  p_before_id uuid, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(baton.service_token(l.t) order by (l.t).created_at desc, (l.t).id desc), '[]')
    from (select t
      from public.organizations o
      join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id and 'admin' = any (m.roles)
      join baton.service_tokens t on t.organization_id = o.id
      where o.slug = p_organization and (p_before_at is null or (t.created_at, t.id) < (p_before_at, p_before_id))
      order by t.created_at desc, t.id desc limit p_limit) as l);
end $$;
grant execute on function baton.list_service_tokens to baton_api;
