-- Ends the leases of the running attempts of some runs: the next execution takes them over at once.
create or replace function baton.end_leases(p_run_ids uuid[]) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_step_attempts set lease_until = clock_timestamp()
  where run_id = any (p_run_ids) and status = 'running' and lease_until > clock_timestamp();
end $$;
