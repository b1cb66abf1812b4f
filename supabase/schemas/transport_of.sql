-- How an agent is reached from a run: the organisation's own before the shared one of that name, or the shared one
-- alone.
create or replace function baton.transport_of(p_organization_id uuid, p_options jsonb, p_agent text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select g.transport from public.agents g join public.organizations o on o.id = g.organization_id
    where g.slug = p_agent and (o.slug = 'global' or (o.id = p_organization_id and not p_options ? 'sharedOnly'))
    order by o.slug = 'global' limit 1);
end $$;
