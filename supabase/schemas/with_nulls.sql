-- A document with null at some paths (an array of arrays of names), which it has. It copies each part once, however
-- many paths there are: jsonb_set would copy the whole document for each.
create or replace function baton.with_nulls(p_document jsonb, p_paths jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  parts jsonb;
begin
  select jsonb_object_agg(head, part) into parts
  from (
    select h.head, case when h.is_end then 'null' else baton.with_nulls(p_document #> array[h.head], h.rest) end as part
    from (
      select path ->> 0 as head, bool_or(jsonb_array_length(path) = 1) as is_end, jsonb_agg(path - 0) as rest
      from jsonb_array_elements(p_paths) as p (path) group by path ->> 0
    ) as h
  ) as changed;
  if jsonb_typeof(p_document) = 'object' then
    return (p_document - array(select jsonb_object_keys(parts))) || parts;
  end if;
  return (select jsonb_agg(coalesce(parts -> (i.place - 1)::text, i.value) order by i.place)
    from jsonb_array_elements(p_document) with ordinality as i (value, place));
end $$;
