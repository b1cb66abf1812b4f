-- Rows (an array) without the largest values at the patterns, which have together so many bytes. It keeps small values:
-- what says that a value is left out takes some 800 bytes.
create or replace function baton.without_largest(p_rows jsonb, p_patterns text[], p_bytes bigint) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (with large as materialized (
      select r.place, v.path, baton.encoded_bytes((r.value #> v.path)::text) - 800 as bytes
      from jsonb_array_elements(p_rows) with ordinality as r (value, place)
      cross join unnest(p_patterns) as p (pattern)
      cross join lateral baton.values_at(r.value, string_to_array(p.pattern, '.')) as v
    ), ranked as (
      select place, path, bytes, sum(bytes) over (order by bytes desc, place desc, path desc) - bytes as larger_ones
      from large where bytes > 0
    ), dropped as (
      select place, jsonb_agg(path order by bytes desc) as paths from ranked where larger_ones < p_bytes group by place
    )
    select jsonb_agg(baton.leave_out(r.value, dropped.paths) order by r.place)
    from jsonb_array_elements(p_rows) with ordinality as r (value, place) left join dropped using (place));
end $$;
