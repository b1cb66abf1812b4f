-- Open root runs of this engine that had no event for a while and whose execution was not checked for a while: [{"id",
-- "generation", "execution"}] under `runs`. Runs that wait for their start are not among them.
create or replace function baton.claim_unchecked_runs(p_boundary_id uuid, p_delivered uuid[], p_engine_id text,
  p_quiet_seconds double precision, p_again_seconds double precision, p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
  unchecked jsonb := (select b.answer from baton.boundaries b where b.id = p_boundary_id);
begin
  if unchecked is null then
    select coalesce(jsonb_agg(to_jsonb(d)), '[]') into unchecked from (
      select r.id, r.generation, e.arn as execution
      from public.orchestration_runs r
      join baton.executions e on e.run_id = r.id and e.generation = r.generation
      left join baton.execution_checks c on c.run_id = r.id
      where r.engine_id = p_engine_id and r.parent_run_id is null and r.status in ('pending', 'running', 'checkpoint')
        and (c.checked_at is null or c.checked_at < now_at - make_interval(secs => p_again_seconds))
        and not exists (select from baton.outbox o where o.run_id = r.id and o.kind = 'start')
        and not exists (select from public.orchestration_events e where e.run_id = r.id
          and e.created_at > now_at - make_interval(secs => p_quiet_seconds))
      order by c.checked_at nulls first, r.created_at limit p_limit) as d;
    insert into baton.execution_checks (run_id, checked_at)
    select (d.run ->> 'id')::uuid, now_at from jsonb_array_elements(unchecked) as d (run)
    on conflict (run_id) do update set checked_at = excluded.checked_at;
    insert into baton.boundaries (id, answer) select p_boundary_id, unchecked where unchecked <> '[]';
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('runs', unchecked, 'effects', '[]'::jsonb);
end $$;
grant execute on function baton.claim_unchecked_runs to baton_reconcile;
