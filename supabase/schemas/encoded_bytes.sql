-- The bytes that a JSON text takes in the answer of a Lambda function, where it is part of a JSON string; never fewer,
-- also if that string has only ASCII. Quotes and backslashes take two bytes, other letters than ASCII up to twelve.
create or replace function baton.encoded_bytes(p_json text) returns bigint
language plpgsql stable set search_path = '' as $$
declare
  letters integer := length(p_json);
  bytes integer := octet_length(p_json);
  deletes integer := case when strpos(p_json, chr(127)) > 0 then letters - length(replace(p_json, chr(127), ''))
    else 0 end;
begin
  return octet_length(to_json(p_json)::text) + 5 * (bytes - letters + deletes);
end $$;
