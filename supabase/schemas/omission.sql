-- What `omitted` of a row says about its value at a path: the path, and of the JSON text its bytes and their SHA-256.
-- The bytes of `content` are those of the document. They are null if the value is null, because it was not read.
create or replace function baton.omission(p_path text[], p_value jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  content bytea := convert_to(case p_path when '{content}' then p_value #>> '{}' else p_value::text end, 'UTF8');
begin
  return jsonb_build_object('path', p_path, 'bytes', octet_length(content), 'sha256', encode(sha256(content), 'hex'));
end $$;
