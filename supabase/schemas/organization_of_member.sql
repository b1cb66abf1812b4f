-- An organisation with its settings, for a member of it (see show_organization); null for others.
create or replace function baton.organization_of_member(p_user_id uuid, p_organization text, p_engine_id text)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return (select baton.show_organization(o.id, p_engine_id)
    from public.organizations o
    join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id
    where o.slug = p_organization);
end $$;
grant execute on function baton.organization_of_member to baton_api;
