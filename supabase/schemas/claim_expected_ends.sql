-- Claims executions of this engine's runs that should be over and are due for a look, at most p_limit, those that are
-- due longest first: [{"runId", "generation", "execution"}] under `executions`. The next look at one is after two
-- minutes, four, eight, …, at most a day.
create or replace function baton.claim_expected_ends(p_boundary_id uuid, p_delivered uuid[], p_engine_id text,
  p_limit integer) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
  claimed jsonb := (select b.answer from baton.boundaries b where b.id = p_boundary_id);
begin
  if claimed is null then
    with due as materialized (
      select e.run_id, e.generation, e.check_at as due_at
      from baton.executions e join public.orchestration_runs r on r.id = e.run_id
      where e.check_at <= now_at and r.engine_id = p_engine_id
      order by e.check_at limit p_limit for update of e skip locked
    ), taken as (
      update baton.executions e set checks = e.checks + 1,
        check_at = now_at + least(interval '1 day', interval '2 minutes' * power(2, least(e.checks, 10)))
      from due where e.run_id = due.run_id and e.generation = due.generation
      returning e.run_id, e.generation, e.arn, due.due_at
    )
    select coalesce(jsonb_agg(jsonb_build_object('runId', t.run_id, 'generation', t.generation, 'execution', t.arn)
      order by t.due_at), '[]') into claimed from taken as t;
    insert into baton.boundaries (id, answer) select p_boundary_id, claimed where claimed <> '[]';
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('executions', claimed, 'effects', '[]'::jsonb);
end $$;
grant execute on function baton.claim_expected_ends to baton_reconcile;
