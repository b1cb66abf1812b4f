-- Makes a run that reuses steps of an earlier run, for an operator of its organisation. `p_reused` are these steps:
-- {step_id: {"status", "outputs", "skipReason", "reusedFrom"}}. The fork begins at `p_step_id`, with the modifications
-- and without the cache. An idempotency key works as for launch_run. Null: the caller is not an operator there.
create or replace function baton.fork_run(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_source_run_id uuid,
  p_step_id text, p_definition_id uuid, p_user_id uuid, p_engine_id text, p_execution_prefix text, p_options jsonb,
  p_parameters jsonb, p_overrides jsonb, p_modifications jsonb, p_reused jsonb, p_note text, p_idempotency_key text,
  p_request_hash text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  r public.orchestration_runs;
begin
  r.organization_id := (select organization_id from public.orchestration_runs where id = p_source_run_id);
  if not baton.is_operator(r.organization_id, p_user_id) then
    return null;
  end if;
  if baton.claim_key(r.organization_id, p_idempotency_key, p_request_hash, p_run_id) then
    r.id := p_run_id;
    r.definition_id := p_definition_id;
    r.parameters := p_parameters;
    r.parameter_overrides := p_overrides;
    r.options := p_options;
    r.engine_id := p_engine_id;
    r.execution_prefix := p_execution_prefix;
    r.launched_by := p_user_id;
    r.forked_from_run_id := p_source_run_id;
    r.forked_from_step_id := p_step_id;
    if baton.insert_run(r, baton.fork_reviews(p_source_run_id, p_step_id, p_note, p_modifications), p_reused) then
      perform baton.insert_reused_approvals(p_run_id, p_reused);
      perform baton.record_launch(p_run_id, p_boundary_id, jsonb_build_object('forkedFrom', jsonb_build_object(
        'runId', p_source_run_id, 'stepId', p_step_id, 'note', p_note,
        'reusedStepIds', (select coalesce(jsonb_agg(s.step_id order by s.step_index), '[]')
          from public.orchestration_steps s where s.run_id = p_run_id and p_reused ? s.step_id))));
    end if;
  end if;
  perform baton.strike_off(p_delivered);
  return baton.launch_answer(r.organization_id, p_run_id, p_idempotency_key, p_boundary_id);
end $$;
grant execute on function baton.fork_run to baton_api;
