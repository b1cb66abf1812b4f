-- A row without its values at some paths (an array of arrays). Each is null, and `omitted` of the row has its path, its
-- bytes as JSON text, and their SHA-256. The bytes of `content` are those of the document itself.
create or replace function baton.leave_out(p_row jsonb, p_paths jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  fitted jsonb := p_row;
  omitted jsonb := coalesce(p_row -> 'omitted', '[]');
  place text[];
  content bytea;
begin
  for place in select array(select jsonb_array_elements_text(p.path)) from jsonb_array_elements(p_paths) as p (path) loop
    content := convert_to(case place when '{content}' then p_row ->> 'content' else (p_row #> place)::text end, 'UTF8');
    fitted := jsonb_set(fitted, place, 'null');
    omitted := omitted || jsonb_build_object('path', place, 'bytes', octet_length(content),
      'sha256', encode(sha256(content), 'hex'));
  end loop;
  return case when omitted = '[]' then fitted else fitted || jsonb_build_object('omitted', omitted) end;
end $$;
