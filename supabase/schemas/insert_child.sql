-- Inserts the child run of an orchestration step's attempt. If the child run exists and is open, it gets its next
-- generation: only this step starts it, so its last execution is gone. A child run that has ended stays as it is. The
-- first steps of a new child run get the reviews of the parent's step (`p_reviews`). Null: the Task state was tried
-- again meanwhile, or the parent has a newer execution. The later call's answer counts, so its generation must stay the
-- newest.
create or replace function baton.insert_child(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_attempt_key text, p_child_id uuid, p_definition_id uuid, p_parameters jsonb,
  p_reviews jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  child record;
  new_child public.orchestration_runs;
  is_ours boolean;
begin
  perform baton.lock_run(p_run_id);
  perform baton.lock_run(p_child_id);
  select id, is_open, generation into child
  from public.orchestration_runs where id = p_child_id and parent_run_id = p_run_id;
  is_ours := exists (select from public.orchestration_steps s
    join public.orchestration_step_attempts a
      on a.run_id = s.run_id and a.step_id = s.step_id and a.attempt_number = s.attempt_number
    join public.orchestration_runs r on r.id = s.run_id and r.generation = a.generation
    where s.run_id = p_run_id and s.step_id = p_step_id and s.status = 'running'
      and s.attempt_number = p_attempt_number and a.attempt_key = p_attempt_key);
  if is_ours and child.id is null then
    new_child := baton.new_child_run(p_run_id, p_step_id, p_attempt_number);
    new_child.id := p_child_id;
    new_child.definition_id := p_definition_id;
    new_child.parameters := p_parameters;
    if baton.insert_run(new_child, baton.child_reviews(p_definition_id, p_reviews), '{}') then
      perform baton.record_launch(p_child_id, p_boundary_id, jsonb_build_object('parentStepId', p_step_id));
    end if;
  elsif is_ours and child.is_open and not exists (select from baton.executions e
      where e.run_id = p_child_id and e.generation = child.generation and e.boundary_id = p_boundary_id) then
    update public.orchestration_runs set generation = generation + 1 where id = p_child_id;
    perform baton.order_execution(p_child_id, p_boundary_id);
  end if;
  perform baton.strike_off(p_delivered);
  return (select jsonb_build_object('id', r.id, 'status', r.status, 'machine', r.machine, 'generation', r.generation,
      'effects', baton.effects_of(array[p_run_id, p_child_id], p_boundary_id, 'gates'))
    from public.orchestration_runs r
    where r.id = p_child_id and r.parent_run_id = p_run_id and (is_ours or not r.is_open));
end $$;
grant execute on function baton.insert_child to baton_step;
