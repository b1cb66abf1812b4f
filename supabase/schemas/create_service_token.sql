-- Creates a service token and its membership: a live token is a member of its organisation, so every query of members
-- finds it. A repeated call finds the token by its id. Null: the caller is not an admin there.
create or replace function baton.create_service_token(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_token_id uuid, p_name text, p_roles text[], p_secret_hash text, p_expires_at timestamptz)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
begin
  select * into o from public.organizations where slug = p_organization;
  if not baton.is_admin(o.id, p_user_id) then
    return null;
  end if;
  insert into baton.service_tokens (id, organization_id, name, roles, secret_hash, created_by, created_at, expires_at)
  values (p_token_id, o.id, p_name, p_roles, p_secret_hash, p_user_id, clock_timestamp(), p_expires_at)
  on conflict (id) do nothing;
  if found then
    insert into public.organization_members (organization_id, user_id, roles, kind, expires_at)
    values (o.id, p_token_id, p_roles, 'machine', p_expires_at);
  end if;
  perform baton.strike_off(p_delivered);
  return (select baton.service_token(t) from baton.service_tokens t
    where t.id = p_token_id and t.organization_id = o.id and t.secret_hash = p_secret_hash);
end $$;
grant execute on function baton.create_service_token to baton_api;
