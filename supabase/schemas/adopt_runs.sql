-- Gives open root runs of this engine their next execution, at most p_limit of those whose newest one was ordered
-- before an instant: {run_id: generation} under `runs`, which is empty when none are left. The engine calls this only
-- when none of these runs has a running execution from before that instant. Child runs are started by their parents'
-- machines. The start orders are due at once and the relay delivers them.
create or replace function baton.adopt_runs(p_boundary_id uuid, p_delivered uuid[], p_engine_id text,
  p_ordered_before timestamptz, p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  adopted_id uuid;
  adopted jsonb;
begin
  select jsonb_object_agg(r.id, e.generation) into adopted
  from public.orchestration_runs r
  join baton.executions e on e.run_id = r.id and e.boundary_id = p_boundary_id
  where r.engine_id = p_engine_id and r.status in ('pending', 'running', 'checkpoint') and r.parent_run_id is null;
  if adopted is not null then
    return jsonb_build_object('runs', adopted, 'effects', '[]'::jsonb);
  end if;
  adopted := '{}';
  for adopted_id in
    select r.id from public.orchestration_runs r
    join baton.executions e on e.run_id = r.id and e.generation = r.generation
    where r.engine_id = p_engine_id and r.status in ('pending', 'running', 'checkpoint') and r.parent_run_id is null
      and e.ordered_at < p_ordered_before
    order by r.id limit p_limit
  loop
    perform baton.lock_tree(adopted_id);
    update public.orchestration_runs r set generation = generation + 1
    where r.id = adopted_id and r.is_open and exists (select from baton.executions e
      where e.run_id = r.id and e.generation = r.generation and e.ordered_at < p_ordered_before);
    if found then
      perform baton.end_leases(baton.tree_of(adopted_id));
      perform baton.order_execution(adopted_id, p_boundary_id);
      perform baton.order_start(adopted_id, p_boundary_id);
      update baton.outbox set available_at = clock_timestamp()
      where run_id = adopted_id and boundary_id = p_boundary_id and kind = 'start';
      adopted := adopted || (select jsonb_build_object(r.id, r.generation) from public.orchestration_runs r
        where r.id = adopted_id);
    end if;
  end loop;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('runs', adopted, 'effects', '[]'::jsonb);
end $$;
grant execute on function baton.adopt_runs to baton_relay;
