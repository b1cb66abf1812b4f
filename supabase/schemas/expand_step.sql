-- Makes one row for each item of a for_each step. Items of an earlier attempt start again; items beyond the end of the
-- list are deleted. If another delivery works on the step, or the run has a newer execution, nothing changes. `items`
-- are the indexes of the items that are not done: a later execution does not repeat the history of the others.
create or replace function baton.expand_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_attempt_number integer, p_delivery_id uuid, p_items jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  s public.orchestration_steps;
begin
  perform baton.lock_run(p_run_id);
  select o.* into s from public.orchestration_steps o
  join public.orchestration_step_attempts a using (run_id, step_id, attempt_number)
  join public.orchestration_runs r on r.id = o.run_id and r.generation = a.generation
  where o.run_id = p_run_id and o.step_id = p_step_id and o.attempt_number = p_attempt_number
    and a.delivery_id = p_delivery_id and a.status = 'running';
  if found then
    delete from public.orchestration_steps
    where run_id = p_run_id and item_of = p_step_id and item_index >= jsonb_array_length(p_items);
    perform baton.supersede_attempt(i.run_id, i.step_id) from public.orchestration_steps i
    where i.run_id = p_run_id and i.item_of = p_step_id and i.item_attempt <> p_attempt_number;
    insert into public.orchestration_steps as i (run_id, organization_id, step_id, step_index, agent_slug, mode,
      continue_on_failure, item_of, item_index, item_attempt, item, reads_cache,
      depends_on)
    select s.run_id, s.organization_id, s.step_id || '[' || item.place - 1 || ']', s.step_index, s.agent_slug, s.mode,
      s.continue_on_failure, s.step_id, item.place - 1, s.attempt_number, item.value, s.reads_cache,
      s.depends_on
    from jsonb_array_elements(p_items) with ordinality as item (value, place)
    on conflict (run_id, step_id) do update set item = excluded.item, item_attempt = excluded.item_attempt,
      status = 'pending', skip_reason = null, attempt_number = i.attempt_number + 1, failures = 0, outputs = null,
      error = null, completed_at = null, reads_cache = excluded.reads_cache
    where i.item_attempt <> excluded.item_attempt;
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('effects', baton.effects_of(array[p_run_id], p_boundary_id, 'gates'),
    'items', (select coalesce(jsonb_agg(i.item_index order by i.item_index) filter (where not i.is_done), '[]')
      from public.orchestration_steps i where i.run_id = p_run_id and i.item_of = p_step_id));
end $$;
grant execute on function baton.expand_step to baton_step;
