-- Stores the token of a step that may have to wait for steps of another branch, or for a place under maxParallel.
-- advance_run releases it as soon as the step may go on. In a completed run it is released at once: all steps may have
-- ended before this call arrived.
create or replace function baton.open_gate(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_token text, p_history_events integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  r record;
  is_stored boolean;
  outcome text;
  gate_id bigint;
begin
  perform baton.lock_run(p_run_id);
  select o.status, o.generation, s.attempt_number, g.slug into r from public.orchestration_runs o
  join public.organizations g on g.id = o.organization_id
  join public.orchestration_steps s on s.run_id = o.id and s.step_id = p_step_id where o.id = p_run_id;
  is_stored := exists (select from baton.gate_tokens g where g.run_id = p_run_id and g.step_id = p_step_id
    and g.execution = p_execution and g.token = p_token);
  outcome := case when r.status is null then 'unknown_step' when is_stored then 'stored'
    else coalesce(baton.refusal_of_waiting(p_run_id, p_execution, p_digest), 'stored') end;
  if outcome = 'stored' and not is_stored then
    insert into baton.gate_tokens (run_id, step_id, generation, token, execution, released_at)
    values (p_run_id, p_step_id, r.generation, p_token, p_execution,
      case r.status when 'completed' then clock_timestamp() end) returning id into gate_id;
    if r.status = 'completed' then
      perform baton.order_effect(p_run_id, p_boundary_id, 'release',
        jsonb_build_object('stepId', p_step_id, 'gateId', gate_id));
    end if;
    perform baton.count_history(p_run_id, p_execution, p_history_events);
    perform baton.advance_run(p_run_id, p_boundary_id, baton.start_run(p_run_id, r.status, p_boundary_id));
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'attemptNumber', r.attempt_number, 'organization', r.slug,
    'effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'));
end $$;
grant execute on function baton.open_gate to baton_gate;
