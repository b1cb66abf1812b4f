-- What the cache keeps of an input, as if it were new: {"outputs", "metadata", "deliverable"}; null if it has lost it.
create or replace function baton.cached_answer(p_run public.orchestration_runs, p_step_id text, p_input_hash text,
  p_new_id uuid) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object(
      'outputs', replace(c.outputs::text, ids.kept, ids.new)::jsonb,
      'metadata', replace(c.metadata::text, ids.kept, ids.new)::jsonb || '{"cached": true}',
      'deliverable', replace(c.deliverable::text, ids.kept, ids.new)::jsonb)
    from baton.step_cache c,
      lateral (select coalesce(c.deliverable ->> 'id', 'no deliverable') as kept, p_new_id::text as new) as ids
    where c.organization_id = p_run.organization_id and c.definition_id = p_run.definition_id
      and c.step_id = split_part(p_step_id, '[', 1) and c.input_hash = p_input_hash
      and c.expires_at > clock_timestamp());
end $$;
