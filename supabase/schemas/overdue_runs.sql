-- Open runs (ids) of this engine whose time is over, parents first.
create or replace function baton.overdue_runs(p_engine_id text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return to_jsonb(array(
    select r.id from public.orchestration_runs r
    where r.engine_id = p_engine_id and r.ends_at <= clock_timestamp()
      and r.status = any ('{pending,running,checkpoint}')
    order by r.depth, r.ends_at limit p_limit));
end $$;
grant execute on function baton.overdue_runs to baton_reconcile;
