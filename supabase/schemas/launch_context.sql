-- What a launch needs to know: the caller's roles in the organisation, whether the idempotency key made a run there
-- before, and the newest (or the named) version of the definition that it can launch: its own before the shared ones,
-- or the shared ones alone; where an agent is addressed, those that it owns. Null: no such organisation, or the caller
-- is no member.
create or replace function baton.launch_context(p_user_id uuid, p_organization text, p_agent text, p_orchestration text,
  p_version text, p_shared_only boolean, p_idempotency_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  own record;
begin
  select o.id, m.roles into own from public.organizations o
  join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id where o.slug = p_organization;
  if own.id is null then
    return null;
  end if;
  return jsonb_build_object('organizationId', own.id, 'roles', own.roles,
    'keyIsUsed', p_idempotency_key is not null and exists (select from baton.idempotency_keys k
      where k.organization_id = own.id and k.key = p_idempotency_key),
    'agent', (select g.slug from public.agents g join public.organizations o on o.id = g.organization_id
      where g.slug = p_agent and (o.slug = 'global' or (o.id = own.id and not p_shared_only)) limit 1),
    'definition', (select jsonb_build_object('id', d.id, 'plan', d.plan)
      from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
      where d.name = p_orchestration and (p_version is null or d.version = p_version) and d.archived_at is null
        and (o.slug = 'global' or (o.id = own.id and not p_shared_only))
        and coalesce(p_agent, d.owner_agent_slug) = d.owner_agent_slug
      order by o.slug = 'global', string_to_array(d.version, '.')::int[] desc limit 1));
end $$;
grant execute on function baton.launch_context to baton_api;
