-- A row of which no value at the patterns (such as `outputs.*`, see paths_at) has more than so many bytes as JSON text
-- (see leave_out).
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_value_bytes integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  fitted jsonb := p_row;
  path text[];
begin
  if pg_column_size(p_row) <= p_value_bytes / 6 then
    return p_row;
  end if;
  for path in select o.path from unnest(p_patterns) as p (pattern),
      baton.paths_at(p_row, string_to_array(p.pattern, '.')) as o (path)
    order by pg_column_size(p_row #> o.path) desc loop  -- after the largest, the row is small
    fitted := baton.leave_out(fitted, path, p_value_bytes);
  end loop;
  return fitted;
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
