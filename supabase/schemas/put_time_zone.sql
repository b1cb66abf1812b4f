-- Sets the time zone of an organisation. The name may be spelt in small letters. "outcome" is 'put'; or 'unknown', with
-- the names of all time zones. Null: the caller is not an admin there.
create or replace function baton.put_time_zone(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_time_zone text, p_engine_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  o public.organizations;
  names text[];
  zone text;
  outcome text;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    select * into o from public.organizations where slug = p_organization;
    if baton.is_admin(o.id, p_user_id) then
      names := baton.time_zones();
      zone := (select name from unnest(names) as name where lower(name) = lower(p_time_zone));
      outcome := case when zone is null then 'unknown' else 'put' end;
      update public.organizations set time_zone = zone where id = o.id and zone is not null;
      answer := jsonb_build_object('outcome', outcome, 'organization', baton.show_organization(o.id, p_engine_id),
        'names', case when zone is null then to_jsonb(names) end);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.put_time_zone to baton_api;
