-- The definition that an orchestration step runs: {"id", "plan", "today"}. It is the newest version that the run's
-- organisation can use, or the version that the step names. If the step names an owner, the definition has that owner.
-- `today` is the day in the time zone of the run's organisation.
create or replace function baton.child_definition(p_organization_id uuid, p_options jsonb, p_planned jsonb)
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('id', d.id, 'plan', d.plan, 'today', (
      select (clock_timestamp() at time zone own.time_zone)::date from public.organizations own
      where own.id = p_organization_id))
    from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
    where d.name = p_planned #>> '{child,name}'
      and coalesce(nullif(p_planned ->> 'agent', ''), d.owner_agent_slug) = d.owner_agent_slug
      and coalesce(p_planned #>> '{child,version}', d.version) = d.version
      and (o.slug = 'global' or (o.id = p_organization_id and not p_options ? 'sharedOnly'))
    order by o.slug = 'global', string_to_array(d.version, '.')::int[] desc limit 1);
end $$;
