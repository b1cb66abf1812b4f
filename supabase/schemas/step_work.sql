-- The data of the record that the work on a step needs: its part of the plan, and only the outputs that it may read. An
-- item gets the outputs that its step's input reads, without the list of items. (What few steps need is read apart: one
-- statement for everything costs twice as much.)
create or replace function baton.step_work(p_run_id uuid, p_step_id text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  s record;
  reads text[];
  item_outputs jsonb;
  cached_inputs jsonb;
begin
  select o.attempt_number, o.agent_slug, o.mode, o.item, o.item_of, o.reads_cache, own.step_id as planned_id, own.type,
      own.planned, own.reads, own.reviews, r.parameters || r.parameter_overrides as parameters, r.options,
      r.organization_id, r.definition_id, r.definition_name, r.definition_version, r.depth, g.slug as organization,
      case when o.failures = 0 then o.attempt_number else baton.key_number(o, own.reviews) end as key_number,
      a.lost_results into s
  from public.orchestration_runs r
  join public.organizations g on g.id = r.organization_id
  join public.orchestration_steps o on o.run_id = r.id and o.step_id = p_step_id
  join public.orchestration_steps own on own.run_id = r.id and own.step_id = coalesce(o.item_of, o.step_id)
  join public.orchestration_step_attempts a
    on a.run_id = r.id and a.step_id = o.step_id and a.attempt_number = o.attempt_number
  where r.id = p_run_id;
  reads := s.reads;
  if s.item_of is not null and jsonb_typeof(s.planned -> 'itemReads') = 'array' then
    reads := array(select jsonb_array_elements_text(s.planned -> 'itemReads'));
  end if;
  if s.item_of is null and s.planned -> 'forEach' <> 'null' then
    select jsonb_agg(i.outputs order by i.item_index) into item_outputs from public.orchestration_steps i
    where i.run_id = p_run_id and i.item_of = p_step_id;
  end if;
  if s.reads_cache and s.planned -> 'cache' <> 'null' then
    select jsonb_agg(c.input_hash) into cached_inputs from baton.step_cache c
    where c.organization_id = s.organization_id and c.definition_id = s.definition_id and c.step_id = s.planned_id
      and c.expires_at > clock_timestamp();
  end if;
  return jsonb_build_object(
    'attemptNumber', s.attempt_number, 'keyNumber', s.key_number, 'agent', s.agent_slug, 'mode', s.mode, 'item', s.item,
    'planned', s.planned, 'parameters', s.parameters, 'options', s.options, 'definition', s.definition_name,
    'version', s.definition_version, 'depth', s.depth, 'reviews', s.reviews, 'organization', s.organization,
    'transport', baton.transport_of(s.organization_id, s.options, s.agent_slug),
    'outputs', baton.outputs_of(p_run_id, reads), 'itemOutputs', item_outputs, 'cachedInputs', cached_inputs,
    'lostResults', s.lost_results,
    'reviewedAttempt', case when s.reviews <> '[]' then baton.reviewed_attempt(p_run_id, p_step_id, s.reviews) end,
    'childDefinition', case when s.type = 'orchestration'
      then baton.child_definition(s.organization_id, s.options, s.planned) end,
    'childRun', case when s.type = 'orchestration' then baton.child_run(p_run_id, p_step_id, s.attempt_number) end);
end $$;
