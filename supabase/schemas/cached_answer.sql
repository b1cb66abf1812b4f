-- The cached answer to an input, under a new deliverable's id; no row if the cache no longer has it.
create or replace function baton.cached_answer(p_run_id uuid, p_step_id text, p_input_hash text, p_new_id uuid)
returns table (outputs jsonb, metadata jsonb, deliverable jsonb) language plpgsql stable set search_path = '' as $$
begin
  return query select replace(c.outputs::text, ids.kept, ids.new)::jsonb,
      replace(c.metadata::text, ids.kept, ids.new)::jsonb || '{"cached": true}',
      replace(c.deliverable::text, ids.kept, ids.new)::jsonb
    from public.orchestration_runs r
    join baton.step_cache c on c.organization_id = r.organization_id and c.definition_id = r.definition_id
      and c.step_id = split_part(p_step_id, '[', 1)
      and c.input_hash = p_input_hash and c.expires_at > clock_timestamp(),
      lateral (select coalesce(c.deliverable ->> 'id', 'no deliverable') as kept, p_new_id::text as new) as ids
    where r.id = p_run_id;
end $$;
