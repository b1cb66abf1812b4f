-- Records what an attempt made, or what the cache kept of an earlier one with the same input (then under a new deliverable's
-- id). A step with a checkpoint then waits for a person. `found` is false where the cache has lost what it was asked for,
-- `recorded` where the attempt is another delivery's, or the run was aborted.
create or replace function baton.complete_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid, p_outputs jsonb, p_metadata jsonb, p_deliverable jsonb,
  p_has_checkpoint boolean, p_input_hash text, p_cache_seconds double precision, p_from_cache boolean, p_new_id uuid)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r public.orchestration_runs;
  s public.orchestration_steps;
  a public.orchestration_step_attempts;
  given jsonb := jsonb_build_object('outputs', p_outputs, 'metadata', p_metadata, 'deliverable', p_deliverable);
  events jsonb := '[]';
begin
  perform baton.lock_run(p_run_id);
  now_at := clock_timestamp();
  select * into r from public.orchestration_runs where id = p_run_id;
  a := baton.attempt_of(p_run_id, p_step_id, p_attempt_number, p_delivery_id);
  if p_from_cache then
    given := baton.cached_answer(r, p_step_id, p_input_hash, p_new_id);
  end if;
  if a.run_id is not null and given is not null then
    update public.orchestration_step_attempts set status = 'completed', ended_at = now_at
    where run_id = p_run_id and step_id = p_step_id and attempt_number = p_attempt_number;
    update public.orchestration_steps set status = case when p_has_checkpoint then 'checkpoint' else 'completed' end,
      completed_at = case when not p_has_checkpoint then now_at end, outputs = given -> 'outputs', seen = null,
      error = null, metadata = metadata || (given -> 'metadata')
    where run_id = p_run_id and step_id = p_step_id returning * into s;
    perform baton.save_deliverable(s, given -> 'deliverable');
    if not p_has_checkpoint then
      events := baton.event('step.completed', baton.step_told(s)
        || jsonb_build_object('deliverableId', given #> '{deliverable,id}'));
    end if;
    perform baton.advance(p_run_id, p_boundary_id, events);
    if p_cache_seconds is not null and not p_from_cache then
      perform baton.keep_answer(r, p_step_id, p_input_hash, given, p_cache_seconds);
    end if;
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('found', given is not null, 'recorded', exists (
      select from public.orchestration_step_attempts t where t.run_id = p_run_id and t.step_id = p_step_id
        and t.attempt_number = p_attempt_number and t.delivery_id = p_delivery_id and t.status = 'completed'),
    'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'));
end $$;
grant execute on function baton.complete_step to baton_step;
