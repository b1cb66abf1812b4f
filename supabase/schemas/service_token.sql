-- A service token for the API, without the hash of its secret.
create or replace function baton.service_token(p_token baton.service_tokens) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('id', p_token.id, 'organization', o.slug, 'name', p_token.name,
      'roles', p_token.roles, 'createdBy', p_token.created_by, 'createdAt', p_token.created_at,
      'expiresAt', p_token.expires_at, 'revokedAt', p_token.revoked_at)
    from public.organizations o where o.id = p_token.organization_id);
end $$;
