-- One version of an organisation's own definition, as it is stored now; null if there is no such version.
create or replace function baton.stored_definition(p_organization_id uuid, p_name text, p_version text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('id', d.id, 'organization', o.slug, 'plan', d.plan, 'digest', d.digest,
      'machine', d.machine, 'source', d.source, 'createdAt', d.created_at, 'archivedAt', d.archived_at)
    from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
    where d.organization_id = p_organization_id and d.name = p_name and d.version = p_version);
end $$;
