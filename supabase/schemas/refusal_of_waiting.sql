-- Why a Task may not wait with a token; null if it may. Only the newest execution of a run may act, on the machine that
-- the run is pinned to. A completed run still accepts the token: its last step, or decision, may be done before the
-- call with the token arrives, and the execution still waits.
create or replace function baton.refusal_of_waiting(p_run_id uuid, p_execution text, p_digest text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select case
      when e.arn is distinct from p_execution then 'stale_generation'
      when r.status in ('failed', 'aborted') or (r.is_open and r.ends_at <= clock_timestamp()) then 'run_ended'
      when r.digest <> p_digest then 'wrong_machine' end
    from public.orchestration_runs r
    left join baton.executions e on e.run_id = r.id and e.generation = r.generation
    where r.id = p_run_id);
end $$;
