-- Lets the sweep confirm that the executions of a run up to a generation are over (see claim_expected_ends). The first
-- look is after two minutes: an execution that is stopped, or that fails, is over by then.
create or replace function baton.expect_ends(p_run_id uuid, p_generation integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update baton.executions set check_at = clock_timestamp() + interval '2 minutes'
  where run_id = p_run_id and generation <= p_generation and over_at is null and check_at is null;
end $$;
