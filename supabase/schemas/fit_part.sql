-- Those rows (of an array) that take at most so many bytes in the answer of a Lambda function, as fit_rows makes them:
-- the first ones, or the last ones; at least one.
create or replace function baton.fit_part(p_rows jsonb, p_patterns text[], p_bytes integer, p_last boolean)
returns jsonb
language plpgsql stable strict security definer set search_path = '' as $$
declare
  fitted jsonb := baton.fit_rows(p_rows, p_patterns, p_bytes);
begin
  if octet_length(fitted::text) <= p_bytes / 30 then
    return fitted;
  end if;
  return (
    select jsonb_agg(sized.value order by sized.place)
    from (
      select r.value, r.place, row_number() over nearest_first as rank,
        sum(baton.answer_bytes(r.value)) over nearest_first as up_to_here
      from jsonb_array_elements(fitted) with ordinality as r (value, place)
      window nearest_first as (order by case when p_last then -r.place else r.place end)
    ) as sized
    where sized.up_to_here <= p_bytes or sized.rank = 1);
end $$;
grant execute on function baton.fit_part to baton_api;
