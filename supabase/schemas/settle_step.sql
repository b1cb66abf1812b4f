-- Ends a step that may fail without its run. It records the failure if the function could not, closes the step's items,
-- and ends its child run. A for_each step gets the error of its first failed item; results of its other items are too
-- late. A step that could not begin, because its dependencies are not done, has not failed.
create or replace function baton.settle_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_error jsonb, p_history_events integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  outcome text;
  item_error jsonb;
  events jsonb := '[]';
begin
  perform baton.lock_tree(p_run_id);
  select o.status, o.attempt_number, o.depends_on, r.status as run_status, r.is_open, r.ends_at, r.digest, e.arn,
      coalesce((o.planned #> '{retry,notifyHuman}')::boolean, false) as notify_human into s
  from public.orchestration_runs r
  join public.orchestration_steps o on o.run_id = r.id and o.step_id = p_step_id
  left join baton.executions e on e.run_id = r.id and e.generation = r.generation where r.id = p_run_id;
  outcome := case when s.status is null then 'unknown_step'
    when s.arn is distinct from p_execution then 'stale_generation'
    when s.status in ('completed', 'skipped', 'failed') and s.run_status <> 'aborted' then 'stored'
    when not s.is_open or s.ends_at <= clock_timestamp() then 'run_ended'
    when s.digest <> p_digest then 'wrong_machine'
    when not baton.are_dependencies_done(p_run_id, s.depends_on) then 'dependencies_not_done'
    else 'settled' end;
  if outcome in ('settled', 'stored') then
    select i.error into item_error from public.orchestration_steps i
    where i.run_id = p_run_id and i.item_of = p_step_id and i.item_attempt = s.attempt_number and i.status = 'failed'
    order by i.completed_at, i.item_index limit 1;
    perform baton.close_step(p_run_id, p_step_id, coalesce(item_error, p_error), outcome = 'settled');
    if outcome = 'settled' then
      perform baton.show_step_failure(p_run_id, p_step_id, p_error);
      -- The event of a failed item has notified a person already.
      events := baton.step_event('step.failed', p_step_id, s.attempt_number,
          jsonb_build_object('error', coalesce(item_error, p_error), 'willRetry', false))
        || baton.step_event('step_failed', p_step_id, s.attempt_number, jsonb_build_object(
          'error', coalesce(item_error, p_error), 'notifyHuman', item_error is null and s.notify_human));
    end if;
    perform baton.abort_orphans(p_run_id, p_boundary_id, null);
    perform baton.advance_run(p_run_id, p_boundary_id, events);
  end if;
  perform baton.count_history(p_run_id, p_execution, p_history_events);
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome,
    'effects', baton.effects_of(baton.tree_of(p_run_id), p_boundary_id, 'gates'));
end $$;
grant execute on function baton.settle_step to baton_step;
