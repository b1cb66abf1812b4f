-- The cached answer to an input, with new ids of its deliverables; no row if the cache no longer has it.
create or replace function baton.cached_answer(p_run_id uuid, p_step_id text, p_input_hash text)
returns table (outputs jsonb, metadata jsonb, deliverables jsonb) language plpgsql volatile set search_path = '' as $$
declare
  kept_id text;
  new_id text;
begin
  select c.outputs, c.metadata || '{"cached": true}', c.deliverables into outputs, metadata, deliverables
    from public.orchestration_runs r
    join baton.step_cache c on c.organization_id = r.organization_id and c.definition_id = r.definition_id
      and c.step_id = split_part(p_step_id, '[', 1)
      and c.input_hash = p_input_hash and c.expires_at > clock_timestamp()
    where r.id = p_run_id;
  if not found then
    return;
  end if;
  for kept_id in select d ->> 'id' from jsonb_array_elements(deliverables) as d loop
    new_id := gen_random_uuid();
    outputs := replace(outputs::text, kept_id, new_id)::jsonb;
    metadata := replace(metadata::text, kept_id, new_id)::jsonb;
    deliverables := replace(deliverables::text, kept_id, new_id)::jsonb;
  end loop;
  return next;
end $$;
