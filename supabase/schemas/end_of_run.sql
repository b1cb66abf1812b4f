-- The instant at which the time of a run that begins now is over; null: its definition has no limit, so it has the year
-- that Step Functions gives to an execution.
create or replace function baton.end_of_run(p_plan jsonb) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  seconds integer := (p_plan ->> 'timeoutSeconds')::int;
begin
  return case when seconds < 31536000 then clock_timestamp() + make_interval(secs => seconds) end;
end $$;
