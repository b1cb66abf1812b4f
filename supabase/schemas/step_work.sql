-- What the work on a step needs of the record: its part of the plan, and only the outputs that it may read. `p_step` is
-- the row that begin_step has read. An item gets the outputs that its step's input reads, without the list of items.
create or replace function baton.step_work(p_run_id uuid, p_step_id text, p_step record) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  key_number integer := p_step.attempt_number;
  reads text[] := p_step.reads;
  item_outputs jsonb;
  cached_inputs jsonb;
begin
  if p_step.failures > 0 then
    select baton.key_number(s, p_step.reviews) into key_number from public.orchestration_steps s
    where s.run_id = p_run_id and s.step_id = p_step_id;
  end if;
  if p_step.item_of is not null and jsonb_typeof(p_step.planned -> 'itemReads') = 'array' then
    reads := array(select jsonb_array_elements_text(p_step.planned -> 'itemReads'));
  end if;
  if p_step.item_of is null and p_step.planned -> 'forEach' <> 'null' then
    select jsonb_agg(i.outputs order by i.item_index) into item_outputs from public.orchestration_steps i
    where i.run_id = p_run_id and i.item_of = p_step_id;
  end if;
  if p_step.reads_cache and p_step.planned -> 'cache' <> 'null' then
    select jsonb_agg(c.input_hash) into cached_inputs from baton.step_cache c
    where c.organization_id = p_step.organization_id and c.definition_id = p_step.definition_id
      and c.step_id = p_step.planned_id and c.expires_at > clock_timestamp();
  end if;
  return jsonb_build_object(
    'attemptNumber', p_step.attempt_number, 'keyNumber', key_number, 'agent', p_step.agent_slug, 'mode', p_step.mode,
    'item', p_step.item, 'planned', p_step.planned, 'parameters', p_step.parameters, 'options', p_step.options,
    'definition', p_step.definition_name, 'version', p_step.definition_version, 'depth', p_step.depth,
    'reviews', p_step.reviews, 'organization', p_step.organization, 'lostResults', p_step.lost_results,
    'transport', baton.transport_of(p_step.organization_id, p_step.options, p_step.agent_slug),
    'outputs', baton.outputs_of(p_run_id, reads), 'itemOutputs', item_outputs, 'cachedInputs', cached_inputs,
    'reviewedAttempt', case when p_step.reviews <> '[]'
      then baton.reviewed_attempt(p_run_id, p_step_id, p_step.reviews) end,
    'childDefinition', case when p_step.type = 'orchestration'
      then baton.child_definition(p_step.organization_id, p_step.options, p_step.planned) end,
    'childRun', case when p_step.type = 'orchestration'
      then baton.child_run(p_run_id, p_step_id, p_step.attempt_number) end);
end $$;
