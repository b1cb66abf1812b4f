-- The part of an attempt's key that names one entry of a Task state: the key without the retry's number at its end.
create or replace function baton.task_of_key(p_attempt_key text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return rtrim(p_attempt_key, '0123456789');
end $$;
