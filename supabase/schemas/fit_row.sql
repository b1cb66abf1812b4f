-- A row of which no value at the patterns (such as `outputs.*`, see paths_at) has more than so many bytes as JSON text
-- (see leave_out).
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_value_bytes integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  fitted jsonb := p_row;
  pattern text;
  path text[];
begin
  if pg_column_size(p_row) <= p_value_bytes / 6 then
    return p_row;
  end if;
  foreach pattern in array p_patterns loop
    for path in select baton.paths_at(p_row, string_to_array(pattern, '.')) loop
      fitted := baton.leave_out(fitted, path, p_value_bytes);
    end loop;
  end loop;
  return fitted;
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
