-- How an agent is reached: the organisation's own, else the shared one. Null: there is none, or it is an orchestrator.
create or replace function baton.transport_of(p_organization_id uuid, p_options jsonb, p_agent text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  transport jsonb;
begin
  if not p_options ? 'sharedOnly' then
    select g.transport into transport from public.agents g
    where g.organization_id = p_organization_id and g.slug = p_agent;
    if found then
      return transport;
    end if;
  end if;
  return (select g.transport from public.organizations o
    join public.agents g on g.organization_id = o.id and g.slug = p_agent where o.slug = 'global');
end $$;
