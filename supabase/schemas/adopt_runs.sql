-- Gives every open root run of this engine its next execution: {run_id: generation} under `runs`. The engine calls this
-- only when none of these runs has a running execution. Child runs are started by their parents' machines. The start
-- orders are due at once and the relay delivers them: there may be too many for one answer.
create or replace function baton.adopt_runs(p_boundary_id uuid, p_delivered uuid[], p_engine_id text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  adopted_id uuid;
  adopted jsonb;
begin
  for adopted_id in
    select r.id from public.orchestration_runs r
    where r.engine_id = p_engine_id and r.status in ('pending', 'running', 'checkpoint') and r.parent_run_id is null
    order by r.id
  loop
    perform baton.lock_run(adopted_id);
    update public.orchestration_runs set generation = generation + 1
    where id = adopted_id and is_open and not baton.has_ordered_execution(id, p_boundary_id);
    if found then
      perform baton.order_execution(adopted_id, p_boundary_id);
      perform baton.order_start(adopted_id, p_boundary_id);
      update baton.outbox set available_at = clock_timestamp()
      where run_id = adopted_id and boundary_id = p_boundary_id and kind = 'start';
    end if;
  end loop;
  perform baton.strike_off(p_delivered);
  select coalesce(jsonb_object_agg(r.id, e.generation), '{}') into adopted
  from public.orchestration_runs r
  join baton.executions e on e.run_id = r.id and e.boundary_id = p_boundary_id
  where r.engine_id = p_engine_id and r.status in ('pending', 'running', 'checkpoint') and r.parent_run_id is null;
  return jsonb_build_object('runs', adopted, 'effects', '[]'::jsonb);
end $$;
grant execute on function baton.adopt_runs to baton_relay;
