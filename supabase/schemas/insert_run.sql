-- Inserts a new run with its steps. `p_run` has the values that the caller decides. The rest comes from the definition,
-- which the run's organisation must be able to use. `p_reviews` and `p_reused` are as for insert_steps. False: there is
-- no such definition, or the run exists.
create or replace function baton.insert_run(p_run public.orchestration_runs, p_reviews jsonb, p_reused jsonb)
returns boolean language plpgsql volatile set search_path = '' as $$
begin
  insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
    owner_agent_slug, plan, digest, machine, parameters, parameter_overrides, options, engine_id, execution_prefix,
    launched_by, root_run_id, parent_run_id, parent_step_id, parent_attempt, depth, forked_from_run_id,
    forked_from_step_id, ends_at)
  select p_run.id, p_run.organization_id, d.id, d.name, d.version, d.owner_agent_slug, d.plan, d.digest, d.machine,
    p_run.parameters, coalesce(p_run.parameter_overrides, '{}'), p_run.options, p_run.engine_id, p_run.execution_prefix,
    p_run.launched_by, coalesce(p_run.root_run_id, p_run.id), p_run.parent_run_id, p_run.parent_step_id,
    p_run.parent_attempt, coalesce(p_run.depth, 1), p_run.forked_from_run_id, p_run.forked_from_step_id,
    baton.end_of_run(d.plan)
  from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
  where d.id = p_run.definition_id and (o.id = p_run.organization_id or o.slug = 'global')
  on conflict (id) do nothing;
  if not found then
    return false;
  end if;
  perform baton.insert_steps(p_run.id, p_reviews, p_reused);
  return true;
end $$;
