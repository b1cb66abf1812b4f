-- What `omitted` of a row says about its value at a path: the path, and of the JSON text its bytes and their SHA-256.
-- Null: the text has at most so many bytes. The bytes of `content` are those of the document.
create or replace function baton.omission(p_row jsonb, p_path text[], p_bytes integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  value jsonb := p_row #> p_path;
  content bytea;
begin
  if pg_column_size(value) <= p_bytes / 6 then  -- JSON text is at most six times as long
    return null;
  end if;
  content := convert_to(case p_path when '{content}' then value #>> '{}' else value::text end, 'UTF8');
  if octet_length(content) <= p_bytes then
    return null;
  end if;
  return jsonb_build_object('path', p_path, 'bytes', octet_length(content),
    'sha256', encode(sha256(content), 'hex'));
end $$;
