-- What `omitted` of a row says about its value at a path: the path, and of the JSON text its bytes and their SHA-256.
-- The bytes of `content` are those of the document. After the instant, both are null: an answer with many large values
-- must come in time, and the value's URL has both.
create or replace function baton.omission(p_path text[], p_value jsonb, p_until timestamptz) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  content bytea;
begin
  if clock_timestamp() < p_until then
    content := convert_to(case p_path when '{content}' then p_value #>> '{}' else p_value::text end, 'UTF8');
  end if;
  return jsonb_build_object('path', p_path, 'bytes', octet_length(content), 'sha256', encode(sha256(content), 'hex'));
end $$;
