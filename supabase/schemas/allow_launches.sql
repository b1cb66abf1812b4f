-- Makes the machine as which executions of an engine launch runs in an organisation, with the role operator. If there
-- is one, nothing changes. Null: the caller is not an admin there.
create or replace function baton.allow_launches(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_engine_id text, p_launcher_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into o from public.organizations where slug = p_organization;
    if baton.is_admin(o.id, p_user_id) then
      insert into baton.launchers (organization_id, engine_id, user_id, allowed_by, allowed_at)
      values (o.id, p_engine_id, p_launcher_id, p_user_id, clock_timestamp())
      on conflict (organization_id, engine_id) do nothing;
      if found then
        insert into public.organization_members (organization_id, user_id, roles, kind)
        values (o.id, p_launcher_id, '{operator}', 'machine');
      end if;
      answer := baton.show_organization(o.id, p_engine_id);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.allow_launches to baton_api;
