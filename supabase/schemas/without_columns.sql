-- A row in which some columns are null, except small ones. `omitted` names each of them, without its bytes and its
-- digest: parts of them may have been left out before.
create or replace function baton.without_columns(p_row jsonb, p_columns text[]) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  columns text[] := array(select c.name from unnest(p_columns) as c (name) where pg_column_size(p_row -> c.name) > 500);
begin
  if cardinality(columns) = 0 then
    return p_row;
  end if;
  return p_row
    || (select jsonb_object_agg(c.name, null) from unnest(columns) as c (name))
    || jsonb_build_object('omitted', (
      select jsonb_agg(o.omission)
      from (
        select omission from jsonb_array_elements(coalesce(p_row -> 'omitted', '[]')) as e (omission)
        where omission #>> '{path,0}' <> all (columns)
        union all
        select jsonb_build_object('path', array[c.name], 'bytes', null, 'sha256', null) from unnest(columns) as c (name)
      ) as o (omission)));
end $$;
