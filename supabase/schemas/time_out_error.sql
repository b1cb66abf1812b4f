-- The error of a run whose time is over.
create or replace function baton.time_out_error() returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return '{"type": "States.Timeout", "message": "the run took longer than its definition allows"}';
end $$;
