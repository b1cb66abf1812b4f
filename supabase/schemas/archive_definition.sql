-- Archives a version of a definition; an archived version stays as it is. Answers with the definition as it is stored
-- now, or null as the definition if there is no such version. Null: the caller is not an admin there.
create or replace function baton.archive_definition(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization_id uuid, p_name text, p_version text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    if baton.is_admin(p_organization_id, p_user_id) then
      update public.orchestration_definitions set archived_at = clock_timestamp()
      where organization_id = p_organization_id and name = p_name and version = p_version and archived_at is null;
      answer := jsonb_build_object('definition', baton.stored_definition(p_organization_id, p_name, p_version));
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.archive_definition to baton_api;
