-- Adds an agent, or replaces a published agent of the same kind. The agent of the answer is null if another agent has
-- the slug. Null: the caller is not an admin there.
create or replace function baton.put_agent(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization_id uuid, p_slug text, p_display_name text, p_description text, p_kind text, p_transport jsonb,
  p_orchestrations text[], p_source text, p_accepts jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  now_at := clock_timestamp();
  if answer is null then
    if baton.is_admin(p_organization_id, p_user_id) then
      insert into public.agents as a (organization_id, slug, display_name, description, kind, transport,
        accepts, orchestrations, source, published_by, created_at, updated_at)
      values (p_organization_id, p_slug, p_display_name, p_description, p_kind, p_transport, p_accepts,
        p_orchestrations, p_source, p_user_id, now_at, now_at)
      on conflict (organization_id, slug) do update set display_name = excluded.display_name,
        description = excluded.description, transport = excluded.transport, accepts = excluded.accepts,
        orchestrations = excluded.orchestrations, source = excluded.source, published_by = excluded.published_by,
        updated_at = excluded.updated_at
      where a.source is not null and a.kind = excluded.kind
      returning jsonb_build_object('added', a.xmax = 0, 'agent', jsonb_build_object('slug', a.slug,
        'organization', (select o.slug from public.organizations o where o.id = a.organization_id),
        'displayName', a.display_name, 'description', a.description, 'kind', a.kind, 'transport', a.transport,
        'accepts', a.accepts, 'orchestrations', a.orchestrations, 'source', a.source, 'createdAt', a.created_at,
        'updatedAt', a.updated_at))
      into answer;
      answer := coalesce(answer, '{"added": false, "agent": null}');
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.put_agent to baton_api;
