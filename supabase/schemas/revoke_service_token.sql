-- Revokes a service token and deletes its membership. A second call changes nothing. Null: there is no such token, or
-- the caller is not an admin of its organisation.
create or replace function baton.revoke_service_token(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_token_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  t baton.service_tokens;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    update baton.service_tokens s set revoked_at = coalesce(s.revoked_at, clock_timestamp())
    from public.organizations o
    where s.id = p_token_id and s.organization_id = o.id and o.slug = p_organization and baton.is_admin(o.id, p_user_id)
    returning s.* into t;
    delete from public.organization_members m where m.organization_id = t.organization_id and m.user_id = t.id;
    if t.id is not null then
      answer := baton.service_token(t);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.revoke_service_token to baton_api;
