-- What the work on a step needs of the record. Linear: its own part of the plan, and the outputs that it may read.
create or replace function baton.step_work(p_run public.orchestration_runs, p_step public.orchestration_steps)
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  own public.orchestration_steps := p_step;  -- of an item, its for_each step
begin
  if p_step.item_of is not null then
    select * into own from public.orchestration_steps where run_id = p_run.id and step_id = p_step.item_of;
  end if;
  return jsonb_build_object(
    'attemptNumber', p_step.attempt_number, 'agent', p_step.agent_slug, 'mode', p_step.mode, 'item', p_step.item,
    'plan', p_run.plan, 'planned', own.planned, 'parameters', p_run.parameters || p_run.parameter_overrides, 'options', p_run.options,
    'definition', p_run.definition_name, 'version', p_run.definition_version, 'depth', p_run.depth,
    'organization', (select o.slug from public.organizations o where o.id = p_run.organization_id),
    'transport', baton.transport_of(p_run, p_step.agent_slug),
    'outputs', (select coalesce(jsonb_object_agg(d.step_id, coalesce(d.seen, d.outputs)), '{}')
      from public.orchestration_steps d
      where d.run_id = p_run.id and d.item_index = -1 and (own.reads is null or d.step_id = any (own.reads))
        and (d.seen is not null or d.outputs is not null)),
    'itemOutputs', case when own.planned -> 'forEach' <> 'null' and p_step.item_of is null then (
      select jsonb_agg(i.outputs order by i.item_index) from public.orchestration_steps i
      where i.run_id = p_run.id and i.item_of = p_step.step_id) end,
    'reviews', own.reviews, 'reviewedAttempt', baton.reviewed_attempt(p_step, own.reviews),
    'childDefinition', case when own.type = 'orchestration' then baton.child_definition(p_run, own.planned) end,
    'childRun', case when own.type = 'orchestration' then baton.child_run(p_step) end,
    'cachedInputs', case when p_step.reads_cache and own.planned -> 'cache' <> 'null' then (
      select jsonb_agg(c.input_hash) from baton.step_cache c
      where c.organization_id = p_run.organization_id and c.definition_id = p_run.definition_id
        and c.step_id = own.step_id and c.expires_at > clock_timestamp()) end);
end $$;
