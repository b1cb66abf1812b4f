-- Runs (ids) that ended a while ago and have an open child run of this engine.
create or replace function baton.runs_with_orphans(p_engine_id text, p_quiet_seconds double precision, p_limit integer)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return to_jsonb(array(
    select distinct p.id from public.orchestration_runs c join public.orchestration_runs p on p.id = c.parent_run_id
    where c.engine_id = p_engine_id and c.status in ('pending', 'running', 'checkpoint') and not p.is_open
      and p.completed_at < clock_timestamp() - make_interval(secs => p_quiet_seconds)
    limit p_limit));
end $$;
grant execute on function baton.runs_with_orphans to baton_reconcile;
