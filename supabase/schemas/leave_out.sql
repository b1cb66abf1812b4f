-- A row without its value at a path, if the value has more than so many bytes as JSON text. It is null then, and
-- `omitted` of the row has its path, its bytes, and their SHA-256. The bytes of `content` are those of the document.
create or replace function baton.leave_out(p_row jsonb, p_path text[], p_bytes integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  value jsonb := p_row #> p_path;
  content bytea;
begin
  if pg_column_size(value) <= p_bytes / 6 then  -- JSON text is at most six times as long
    return p_row;
  end if;
  content := convert_to(case p_path when '{content}' then value #>> '{}' else value::text end, 'UTF8');
  if octet_length(content) <= p_bytes then
    return p_row;
  end if;
  return jsonb_set(p_row, p_path, 'null') || jsonb_build_object('omitted',
    coalesce(p_row -> 'omitted', '[]') || jsonb_build_array(jsonb_build_object(
      'path', p_path, 'bytes', octet_length(content), 'sha256', encode(sha256(content), 'hex'))));
end $$;
