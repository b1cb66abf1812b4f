-- Removes a member, unless no person would be left as admin. Null: the caller is not an admin there.
create or replace function baton.remove_member(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_member_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  member baton.live_members;
  outcome text;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into o from public.organizations where slug = p_organization;
    perform baton.lock_admins(o.id, p_user_id);
    if baton.is_admin(o.id, p_user_id) then
      select * into member from baton.live_members m
      where m.organization_id = o.id and m.user_id = p_member_id;
      outcome := case
        when member.user_id is null then 'not_found'
        when member.kind = 'machine' then 'machine'
        when baton.is_last_admin(o.id, p_member_id) then 'last_admin'
        else 'removed' end;
      if outcome = 'removed' then
        delete from public.organization_members m
        where m.organization_id = o.id and m.user_id = p_member_id;
      end if;
      answer := jsonb_build_object('outcome', outcome);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.remove_member to baton_api;
