-- Makes a run with its steps, its first event and the order to start its execution, for an operator of the organisation.
-- Of any number of launches with one idempotency key, one makes it; the others wait until that has committed and answer with
-- the same run. Null: the caller is no operator there (any more).
create or replace function baton.launch_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_organization_id uuid, p_definition_id uuid, p_user_id uuid, p_engine_id text, p_execution_prefix text, p_options jsonb,
  p_parameters jsonb, p_idempotency_key text, p_request_hash text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  made_id uuid;
begin
  if not baton.is_operator(p_organization_id, p_user_id) then
    return null;
  end if;
  if baton.claim_key(p_organization_id, p_idempotency_key, p_request_hash, p_run_id) then
    insert into public.orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
      owner_agent_slug, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, options, root_run_id)
    select p_run_id, p_organization_id, d.id, d.name, d.version, d.owner_agent_slug, p_parameters, d.plan, d.digest,
      d.machine, p_engine_id, p_execution_prefix, p_user_id, p_options, p_run_id
    from public.orchestration_definitions d join public.organizations o on o.id = d.organization_id
    where d.id = p_definition_id and (o.id = p_organization_id or o.slug = 'global')
    on conflict (id) do nothing returning id into made_id;
    if made_id is not null then
      perform baton.insert_steps(made_id, '{}', '{}');
      perform baton.tell_launch(made_id, p_boundary_id, '{}');
    end if;
  end if;
  perform baton.strike_off(p_delivered);
  return baton.launched_run(p_organization_id, p_run_id, p_idempotency_key, p_boundary_id);
end $$;
grant execute on function baton.launch_run to baton_api;
