-- A row of which no value at the patterns (such as `outputs.*`, see paths_at) has more than so many bytes as JSON text
-- (see leave_out).
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_value_bytes integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if pg_column_size(p_row) <= p_value_bytes / 6 then
    return p_row;
  end if;
  return baton.leave_out(p_row, (
    select jsonb_agg(o.path)
    from unnest(p_patterns) as p (pattern), baton.paths_at(p_row, string_to_array(p.pattern, '.')) as o (path)
  ), p_value_bytes);
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
