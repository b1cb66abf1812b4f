-- The data of the record that the work on a step needs: its part of the plan, and only the outputs that it may read. An
-- item gets the outputs that its step's input reads, without the list of items.
create or replace function baton.step_work(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object(
      'attemptNumber', s.attempt_number, 'keyNumber', baton.key_number(s, own.reviews),
      'agent', s.agent_slug, 'mode', s.mode, 'item', s.item,
      'planned', own.planned, 'parameters', r.parameters || r.parameter_overrides, 'options', r.options,
      'definition', r.definition_name, 'version', r.definition_version, 'depth', r.depth, 'reviews', own.reviews,
      'organization', (select o.slug from public.organizations o where o.id = r.organization_id),
      'transport', (select g.transport from public.agents g join public.organizations o on o.id = g.organization_id
        where g.slug = s.agent_slug
          and (o.slug = 'global' or (o.id = r.organization_id and not r.options ? 'sharedOnly'))
        order by o.slug = 'global' limit 1),
      'outputs', baton.outputs_of(r.id, case
        when s.item_of is not null and jsonb_typeof(own.planned -> 'itemReads') = 'array'
          then array(select jsonb_array_elements_text(own.planned -> 'itemReads'))
        else own.reads end),
      'itemOutputs', case when own.planned -> 'forEach' <> 'null' and s.item_of is null then (
        select jsonb_agg(i.outputs order by i.item_index) from public.orchestration_steps i
        where i.run_id = r.id and i.item_of = s.step_id) end,
      'lostResults', (select a.lost_results from public.orchestration_step_attempts a where a.run_id = r.id
        and a.step_id = s.step_id and a.attempt_number = s.attempt_number),
      'reviewedAttempt', case when own.reviews <> '[]' then baton.reviewed_attempt(r.id, s.step_id, own.reviews) end,
      'childDefinition', case when own.type = 'orchestration'
        then baton.child_definition(r.organization_id, r.options, own.planned) end,
      'childRun', case when own.type = 'orchestration' then baton.child_run(r.id, s.step_id, s.attempt_number) end,
      'cachedInputs', case when s.reads_cache and own.planned -> 'cache' <> 'null' then (
        select jsonb_agg(c.input_hash) from baton.step_cache c
        where c.organization_id = r.organization_id and c.definition_id = r.definition_id and c.step_id = own.step_id
          and c.expires_at > clock_timestamp()) end)
    from public.orchestration_runs r
    join public.orchestration_steps s on s.run_id = r.id and s.step_id = p_step_id
    join public.orchestration_steps own on own.run_id = r.id and own.step_id = coalesce(s.item_of, s.step_id)
    where r.id = p_run_id);
end $$;
