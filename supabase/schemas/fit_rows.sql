-- Rows (an array) that together take at most so many bytes in the answer of a Lambda function, without the largest
-- values at the patterns (see leave_out). It keeps as many values as possible. It keeps small ones in any case: what
-- says that a value is left out takes some 500 bytes.
create or replace function baton.fit_rows(p_rows jsonb, p_patterns text[], p_bytes integer) returns jsonb
language plpgsql volatile strict security definer set search_path = '' as $$
declare
  all_bytes bigint := octet_length(p_rows::text);
begin
  if all_bytes <= p_bytes / 6 then  -- no letter takes more than six times its bytes
    return p_rows;
  end if;
  all_bytes := baton.encoded_bytes(p_rows::text);
  if all_bytes <= p_bytes then
    return p_rows;
  end if;
  return (with large as materialized (
      select r.place, v.path, baton.encoded_bytes((r.value #> v.path)::text) as bytes
      from jsonb_array_elements(p_rows) with ordinality as r (value, place)
      cross join unnest(p_patterns) as p (pattern)
      cross join lateral baton.values_at(r.value, string_to_array(p.pattern, '.')) as v
    ), ranked as (
      select place, path, bytes, sum(bytes) over (order by bytes, place, path) as up_to_here,
        p_bytes - all_bytes + sum(bytes) over () - 500 * count(*) over () as room
      from large where bytes > 500
    ), dropped as (
      select place, jsonb_agg(path order by bytes desc) as paths from ranked where up_to_here > room group by place
    )
    select jsonb_agg(baton.leave_out(r.value, dropped.paths) order by r.place)
    from jsonb_array_elements(p_rows) with ordinality as r (value, place) left join dropped using (place));
end $$;
grant execute on function baton.fit_rows to baton_api;
