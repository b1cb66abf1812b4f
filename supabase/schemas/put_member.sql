-- Adds a member, or replaces a member's roles. It refuses to leave no person as admin. It refuses the id of a machine
-- of any organisation, because a machine keeps its roles and its organisation. Null: the caller is not an admin there.
create or replace function baton.put_member(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid, p_organization text,
  p_member_id uuid, p_roles text[]) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  outcome text;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into o from public.organizations where slug = p_organization;
    perform baton.lock_admins(o.id, p_user_id);
    if baton.is_admin(o.id, p_user_id) then
      outcome := case
        when exists (select from baton.service_tokens t where t.id = p_member_id)
          or exists (select from baton.launchers l where l.user_id = p_member_id) then 'machine'
        when not 'admin' = any (p_roles) and baton.is_last_admin(o.id, p_member_id) then 'last_admin'
        else 'put' end;
      answer := jsonb_build_object('outcome', outcome);
      if outcome = 'put' then
        insert into public.organization_members as m (organization_id, user_id, roles, created_at)
        values (o.id, p_member_id, p_roles, clock_timestamp())
        on conflict (organization_id, user_id) do update set roles = excluded.roles
        returning answer || jsonb_build_object('added', m.xmax = 0, 'member', jsonb_build_object('userId', m.user_id,
          'organization', o.slug, 'roles', m.roles, 'createdAt', m.created_at)) into answer;
      end if;
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.put_member to baton_api;
