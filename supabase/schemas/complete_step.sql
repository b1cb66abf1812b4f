-- Records the result of an attempt, or a cached result for the same input (with new ids of its deliverables). A step
-- with a checkpoint then waits for a person. `found` is false if the cache no longer has the result. `recorded` is
-- false if another delivery owns the attempt, or the run was aborted.
create or replace function baton.complete_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid, p_outputs jsonb, p_metadata jsonb, p_deliverables jsonb,
  p_has_checkpoint boolean, p_input_hash text, p_cache_seconds double precision, p_from_cache boolean)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  new_outputs jsonb := p_outputs;
  new_metadata jsonb := p_metadata;
  new_deliverables jsonb := p_deliverables;
  recorded boolean := false;
  effects jsonb;
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  if p_from_cache then
    select * into new_outputs, new_metadata, new_deliverables
    from baton.cached_answer(p_run_id, p_step_id, p_input_hash);
  end if;
  if new_outputs is not null then
    recorded := baton.end_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed', null, '{}');
  end if;
  if recorded then
    update public.orchestration_steps s set status = case when p_has_checkpoint then 'checkpoint' else 'completed' end,
      completed_at = case when not p_has_checkpoint then now_at end, outputs = new_outputs, seen = null,
      error = null, metadata = s.metadata || new_metadata where s.run_id = p_run_id and s.step_id = p_step_id;
    if new_deliverables <> '[]' then
      perform baton.save_deliverables(p_run_id, p_step_id, p_attempt_number, new_deliverables);
    end if;
    effects := baton.advance_run(p_run_id, p_boundary_id, case when p_has_checkpoint then '[]' else
      baton.step_event('step.completed', p_step_id, p_attempt_number, jsonb_build_object('deliverableId',
        jsonb_path_query_first(new_deliverables, '$[*] ? (@.position == 0).id'))) end);
    if p_cache_seconds is not null and not p_from_cache then
      perform baton.save_cached_answer(p_run_id, p_step_id, p_input_hash, p_outputs, p_metadata, p_deliverables,
        p_cache_seconds);
    end if;
  end if;
  perform baton.strike_off(p_delivered);
  recorded := recorded or baton.has_ended_attempt(p_run_id, p_step_id, p_attempt_number, p_delivery_id, 'completed');
  return jsonb_build_object('found', recorded or new_outputs is not null, 'recorded', recorded,
    'effects', coalesce(effects, baton.effects_of(array[p_run_id], p_boundary_id, 'gates')));
end $$;
grant execute on function baton.complete_step to baton_step;
