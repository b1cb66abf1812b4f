-- A row without its values at some paths (an array of arrays; null: none). They are null then, and `omitted` of the row
-- describes each (see omission). It reads each of these values once, and none later than two seconds after the
-- transaction began: an answer with many large values must come in time, and a value's URL has its size and digest.
create or replace function baton.leave_out(p_row jsonb, p_paths jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  ends_at timestamptz := transaction_timestamp() + interval '2 s';
  omissions jsonb;
begin
  if p_paths is null then
    return p_row;
  end if;
  select jsonb_agg(baton.omission(o.path, case when clock_timestamp() < ends_at then p_row #> o.path end))
  into omissions
  from (select array(select jsonb_array_elements_text(p.path)) as path from jsonb_array_elements(p_paths) as p (path)
    offset 0) as o;
  return baton.with_nulls(p_row, p_paths)
    || jsonb_build_object('omitted', coalesce(p_row -> 'omitted', '[]') || omissions);
end $$;
