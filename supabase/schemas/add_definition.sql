-- Adds a version of a definition, unless the version exists: a version never changes. Answers with the definition as it
-- is stored now; `added` says whether this call added it. Null: the caller is not an admin there.
create or replace function baton.add_definition(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization_id uuid, p_name text, p_version text, p_display_name text, p_description text, p_owner text,
  p_source text, p_plan jsonb, p_digest text, p_machine text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    if baton.is_admin(p_organization_id, p_user_id) then
      insert into public.orchestration_definitions (organization_id, name, version, display_name, description,
        owner_agent_slug, source, plan, digest, machine, published_by, created_at)
      values (p_organization_id, p_name, p_version, p_display_name, p_description, p_owner, p_source, p_plan, p_digest,
        p_machine, p_user_id, clock_timestamp())
      on conflict (organization_id, name, version) do nothing;
      answer := jsonb_build_object('added', found,
        'definition', baton.stored_definition(p_organization_id, p_name, p_version));
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.add_definition to baton_api;
