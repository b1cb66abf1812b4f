-- Approvals of open runs of this engine whose time is over and which nobody has decided: [{"runId", "approvalId"}],
-- those that wait longest first.
create or replace function baton.expired_approvals(p_engine_id text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('runId', e.run_id, 'approvalId', e.id)), '[]') from (
    select a.id, a.run_id from public.human_approvals a join public.orchestration_runs r on r.id = a.run_id
    where a.status = 'pending' and a.expires_at <= clock_timestamp() and r.engine_id = p_engine_id and r.is_open
    order by a.expires_at limit p_limit) as e);
end $$;
grant execute on function baton.expired_approvals to baton_relay;
