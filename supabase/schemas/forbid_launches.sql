-- Deletes the machine as which executions of an engine launch runs in an organisation. Its runs go on. If there is
-- none, nothing changes. Null: the caller is not an admin there.
create or replace function baton.forbid_launches(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_engine_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  launcher_id uuid;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into o from public.organizations where slug = p_organization;
    if baton.is_admin(o.id, p_user_id) then
      delete from baton.launchers l where l.organization_id = o.id and l.engine_id = p_engine_id
      returning l.user_id into launcher_id;
      delete from public.organization_members m where m.organization_id = o.id and m.user_id = launcher_id;
      answer := baton.show_organization(o.id, p_engine_id);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.forbid_launches to baton_api;
