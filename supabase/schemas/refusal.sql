-- Why a call of a run's state machine may do nothing; null if it may. Only the newest execution of a run acts, on the
-- machine that the run is pinned to.
create or replace function baton.refusal(p_run public.orchestration_runs, p_execution text, p_digest text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when not p_run.is_open then 'run_ended'
    when not exists (select from baton.executions e
      where e.run_id = p_run.id and e.generation = p_run.generation and e.arn = p_execution) then 'stale_generation'
    when p_run.digest <> p_digest then 'wrong_machine'
  end;
end $$;
