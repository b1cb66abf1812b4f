-- What a launch needs to know: the caller's roles in the organisation, whether the idempotency key has made a run
-- there, the agent, and the definition. The definition is the newest version, or the one that the caller names. An
-- organisation's own comes before the shared one; `p_shared_only` leaves its own out. If the caller names an agent,
-- that agent owns the definition. `today` is the day in the organisation's time zone, `callback` the organisation's
-- webhook with that URL. Null: there is no such organisation, or the caller is not a member.
create or replace function baton.launch_context(p_user_id uuid, p_organization text, p_agent text, p_orchestration text,
  p_version text, p_shared_only boolean, p_idempotency_key text, p_callback_url text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  membership record;
begin
  select o.id, o.time_zone, m.roles into membership from public.organizations o
  join baton.live_members m on m.organization_id = o.id and m.user_id = p_user_id where o.slug = p_organization;
  if membership.id is null then
    return null;
  end if;
  return jsonb_build_object('organizationId', membership.id, 'roles', membership.roles,
    'today', (clock_timestamp() at time zone membership.time_zone)::date,
    'keyIsUsed', p_idempotency_key is not null and exists (select from baton.idempotency_keys k
      where k.organization_id = membership.id and k.key = p_idempotency_key),
    'agent', (select g.slug from public.agents g join public.organizations o on o.id = g.organization_id
      where g.slug = p_agent and (o.slug = 'global' or (o.id = membership.id and not p_shared_only)) limit 1),
    'callback', (select jsonb_build_object('webhookId', w.id, 'status', w.status)
      from baton.webhooks w where w.organization_id = membership.id and w.url = p_callback_url),
    'definition', (select jsonb_build_object('id', d.id, 'plan', d.plan)
      from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
      where d.name = p_orchestration and (p_version is null or d.version = p_version) and d.archived_at is null
        and (o.slug = 'global' or (o.id = membership.id and not p_shared_only))
        and coalesce(p_agent, d.owner_agent_slug) = d.owner_agent_slug
      order by o.slug = 'global', string_to_array(d.version, '.')::int[] desc limit 1));
end $$;
grant execute on function baton.launch_context to baton_api;
