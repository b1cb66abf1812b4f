-- A row without those of its values at some paths (an array of arrays; null: none) that have more than so many bytes
-- as JSON text. They are null then, and `omitted` of the row describes each (see omission).
create or replace function baton.leave_out(p_row jsonb, p_paths jsonb, p_bytes integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  omissions jsonb;
begin
  select jsonb_agg(o.omission) into omissions
  from (
    select baton.omission(p_row, array(select jsonb_array_elements_text(p.path)), p_bytes) as omission
    from jsonb_array_elements(p_paths) as p (path) offset 0
  ) as o
  where o.omission is not null;
  if omissions is null then
    return p_row;
  end if;
  return baton.with_nulls(p_row, jsonb_path_query_array(omissions, '$[*].path'))
    || jsonb_build_object('omitted', coalesce(p_row -> 'omitted', '[]') || omissions);
end $$;
