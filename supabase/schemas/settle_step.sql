-- The end of a step that may fail without its run: records the failure if the function could not, closes its items, and
-- ends its child run. A for_each step failed as its first failed item did. Nobody waits for what its other items are
-- at: whatever comes of that is late. A step that could not even begin, because something that it waits for is not
-- done, has not failed.
create or replace function baton.settle_step(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_error jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  outcome text;
  of_item jsonb;
  told jsonb;
  events jsonb := '[]';
begin
  perform baton.lock_tree(p_run_id);
  select o.status, o.attempt_number, o.depends_on, r.status as run_status,
      coalesce((o.planned #> '{retry,notifyHuman}')::boolean, false) as notify_human into s
  from public.orchestration_runs r
  join public.orchestration_steps o on o.run_id = r.id and o.step_id = p_step_id where r.id = p_run_id;
  outcome := case when s.status is null then 'unknown_step'
    when s.status in ('completed', 'skipped', 'failed') and s.run_status <> 'aborted' then 'stored'
    else coalesce(baton.refusal(p_run_id, p_execution, p_digest),
      case when baton.is_ready(p_run_id, s.depends_on) then 'settled' else 'dependencies_not_done' end) end;
  if outcome in ('settled', 'stored') then
    select i.error into of_item from public.orchestration_steps i
    where i.run_id = p_run_id and i.item_of = p_step_id and i.item_attempt = s.attempt_number and i.status = 'failed'
    order by i.completed_at, i.item_index limit 1;
    perform baton.close_step(p_run_id, p_step_id, coalesce(of_item, p_error), outcome = 'settled');
    if outcome = 'settled' then
      perform baton.go_on_without(p_run_id, p_step_id, p_error);
      told := baton.step_told(p_step_id, s.attempt_number) || jsonb_build_object('error', coalesce(of_item, p_error));
      -- Of an item that failed, somebody has been told.
      events := baton.event('step.failed', told || '{"willRetry": false}') || baton.event('step_failed',
        told || jsonb_build_object('notifyHuman', of_item is null and s.notify_human));
    end if;
    perform baton.abort_orphans(p_run_id, p_boundary_id, null);
    perform baton.advance(p_run_id, p_boundary_id, events);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome,
    'effects', baton.effects_of(baton.tree_of(p_run_id), p_boundary_id, 'gates'));
end $$;
grant execute on function baton.settle_step to baton_step;
