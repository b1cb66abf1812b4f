-- An organisation and its settings for the API. "launcher" is the machine as which executions of this engine launch
-- runs there; null if they may not.
create or replace function baton.show_organization(p_organization_id uuid, p_engine_id text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('organization', o.slug, 'name', o.name, 'timeZone', o.time_zone, 'launcher', (
      select jsonb_build_object('userId', l.user_id, 'roles', m.roles, 'allowedBy', l.allowed_by,
        'allowedAt', l.allowed_at)
      from baton.launchers l
      join baton.live_members m on m.organization_id = l.organization_id and m.user_id = l.user_id
      where l.organization_id = o.id and l.engine_id = p_engine_id))
    from public.organizations o where o.id = p_organization_id);
end $$;
