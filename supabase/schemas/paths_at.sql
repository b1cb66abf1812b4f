-- The paths of a document's values at a pattern: {error,message}, or {outputs,*} for each member of an object or item
-- of an array.
create or replace function baton.paths_at(p_document jsonb, p_pattern text[]) returns setof text[]
language plpgsql stable rows 10 set search_path = '' as $$
declare
  depth integer := coalesce(array_position(p_pattern, '*'), 0);
  before text[] := p_pattern[:depth - 1];
  parts jsonb := p_document #> before;
begin
  if depth = 0 then
    return query select p_pattern where p_document #> p_pattern is not null;
  elsif jsonb_typeof(parts) = 'object' then
    return query select before || k.key || rest.path from jsonb_object_keys(parts) as k (key),
      baton.paths_at(parts -> k.key, p_pattern[depth + 1:]) as rest (path);
  elsif jsonb_typeof(parts) = 'array' then
    return query select before || (k.place - 1)::text || rest.path
      from jsonb_array_elements(parts) with ordinality as k (value, place),
        baton.paths_at(k.value, p_pattern[depth + 1:]) as rest (path);
  end if;
end $$;
