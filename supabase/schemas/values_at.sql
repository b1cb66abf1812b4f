-- The values of a document at some patterns, with their paths. A pattern is `error.message`, or `outputs.*` for each
-- member of an object or item of an array.
create or replace function baton.values_at(p_document jsonb, p_patterns text[])
returns table (path text[], value jsonb) language plpgsql stable rows 10 set search_path = '' as $$
begin
  return query with recursive node (path, rest, value) as (
      select '{}'::text[], string_to_array(p.pattern, '.'), p_document from unnest(p_patterns) as p (pattern)
      union all
      select node.path || member.key, node.rest[2:], member.value
      from node cross join lateral (
        select node.rest[1] as key, node.value -> node.rest[1] as value
        where node.rest[1] <> '*' and node.value ? node.rest[1]
        union all
        select o.key, o.value
        from jsonb_each(case when jsonb_typeof(node.value) = 'object' then node.value else '{}' end) as o
        where node.rest[1] = '*'
        union all
        select (a.place - 1)::text, a.value
        from jsonb_array_elements(case when jsonb_typeof(node.value) = 'array' then node.value else '[]' end)
          with ordinality as a (value, place)
        where node.rest[1] = '*'
      ) as member
      where node.rest <> '{}'
    )
    select node.path, node.value from node where node.rest = '{}';
end $$;
