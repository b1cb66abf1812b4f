-- Like launch_run, for an execution of the state machine that launches runs. `p_execution` is its ARN, for the event.
-- The caller is the engine's launcher, with the role operator. Null: the caller is not the launcher there.
create or replace function baton.launch_by_execution(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_organization_id uuid, p_definition_id uuid, p_user_id uuid, p_engine_id text, p_execution_prefix text,
  p_options jsonb, p_parameters jsonb, p_idempotency_key text, p_request_hash text, p_execution text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  r public.orchestration_runs;
begin
  if not baton.is_launcher(p_user_id) or not baton.is_operator(p_organization_id, p_user_id) then
    return null;
  end if;
  r.id := p_run_id;
  r.organization_id := p_organization_id;
  r.definition_id := p_definition_id;
  r.parameters := p_parameters;
  r.options := p_options;
  r.engine_id := p_engine_id;
  r.execution_prefix := p_execution_prefix;
  r.launched_by := p_user_id;
  perform baton.insert_launch(r, p_boundary_id, p_idempotency_key, p_request_hash,
    jsonb_build_object('launchingExecution', p_execution));
  perform baton.strike_off(p_delivered);
  return baton.launch_answer(p_organization_id, p_run_id, p_idempotency_key, p_boundary_id);
end $$;
grant execute on function baton.launch_by_execution to baton_launch;
