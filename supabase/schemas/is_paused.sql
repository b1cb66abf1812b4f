-- Whether an attempt whose last result was lost (see earlier_delivery), and another before, may not begin yet. The
-- pauses begin with two seconds and double up to a quarter of an hour. The lease tells when the last delivery began:
-- all leases of a step are about as long.
create or replace function baton.is_paused(p_attempt public.orchestration_step_attempts,
  p_lease_seconds double precision, p_at timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  begun_at timestamptz := p_attempt.lease_until - make_interval(secs => p_lease_seconds);
begin
  return p_attempt.lost_results > 0
    and p_at < begun_at + make_interval(secs => least(900, power(2, p_attempt.lost_results)));
end $$;
