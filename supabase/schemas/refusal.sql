-- Why a call of a run's state machine is refused; null if it is not. Only the newest execution of a run may act, on the
-- machine that the run is pinned to.
create or replace function baton.refusal(p_run_id uuid, p_execution text, p_digest text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select case
      when e.arn is distinct from p_execution then 'stale_generation'
      when not r.is_open or r.ends_at <= clock_timestamp() then 'run_ended'
      when r.digest <> p_digest then 'wrong_machine' end
    from public.orchestration_runs r
    left join baton.executions e on e.run_id = r.id and e.generation = r.generation
    where r.id = p_run_id);
end $$;
