-- A row whose values at the patterns (such as `outputs.*`, see values_at) have together at most so many bytes as
-- Postgres stores them, without compression. It leaves out the largest values, and makes no text of the others. It
-- leaves out a column as a whole instead of more than 200 of its values.
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_bytes integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  paths jsonb;
  columns text[];
begin
  if pg_column_size(p_row) <= p_bytes then
    return p_row;
  end if;
  with large as materialized (
    select sized.path
    from (
      select v.path, sum(v.bytes) over (order by v.bytes, v.path) as up_to_here
      from unnest(p_patterns) as p (pattern), baton.values_at(p_row, string_to_array(p.pattern, '.')) as v
    ) as sized
    where sized.up_to_here > p_bytes
  )
  select whole.names, (select jsonb_agg(l.path) from large as l where l.path[1] <> all (whole.names))
  into columns, paths
  from (select array(select l.path[1] from large as l group by l.path[1] having count(*) > 200) as names) as whole;
  return baton.without_columns(baton.leave_out(p_row, paths), columns);
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
