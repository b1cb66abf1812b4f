-- A row whose values at the patterns (such as `outputs.*`, see values_at) have together at most so many bytes as
-- Postgres stores them, without compression. It leaves out the largest values, and makes no text of the others.
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_bytes integer) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
begin
  if pg_column_size(p_row) <= p_bytes then
    return p_row;
  end if;
  return baton.leave_out(p_row, (
    select jsonb_agg(large.path)
    from (
      select v.path, sum(v.bytes) over (order by v.bytes, v.path) as up_to_here
      from unnest(p_patterns) as p (pattern), baton.values_at(p_row, string_to_array(p.pattern, '.')) as v
    ) as large
    where large.up_to_here > p_bytes));
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
