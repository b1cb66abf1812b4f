-- The values of a document at a pattern, each with its path and its bytes as Postgres stores it, without compression:
-- {error,message} has one, {outputs,*} each member of an object or item of an array. It copies each value once.
create or replace function baton.values_at(p_document jsonb, p_pattern text[])
returns table (path text[], bytes integer)
language plpgsql stable rows 10 set search_path = '' as $$
declare
  depth integer := coalesce(array_position(p_pattern, '*'), 0);
  before text[] := p_pattern[:depth - 1];
  rest text[] := p_pattern[depth + 1:];
  parts jsonb;
  size integer;
begin
  if depth = 0 then
    size := pg_column_size(p_document #> p_pattern);
    return query select p_pattern, size where size is not null;
    return;
  end if;
  parts := p_document #> before;
  if jsonb_typeof(parts) = 'object' and cardinality(rest) = 0 then
    return query select before || k.key, pg_column_size(parts -> k.key) from jsonb_object_keys(parts) as k (key);
  elsif jsonb_typeof(parts) = 'object' then
    return query select before || k.key || v.path, v.bytes
      from jsonb_object_keys(parts) as k (key), baton.values_at(parts -> k.key, rest) as v;
  elsif jsonb_typeof(parts) = 'array' then
    return query select before || k.place::text || v.path, v.bytes
      from generate_series(0, jsonb_array_length(parts) - 1) as k (place), baton.values_at(parts -> k.place, rest) as v;
  end if;
end $$;
