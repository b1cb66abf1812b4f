-- The tables in these schemas that the login may read. Parameter: schemas (text[]).
select namespace.nspname || '.' || class.relname as name,
       class.relrowsecurity as rls_enabled,
       greatest(class.reltuples, 0)::bigint as rows,
       obj_description(class.oid, 'pg_class') as comment
  from pg_catalog.pg_class class
  join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
 where class.relkind in ('r', 'p', 'v', 'm')
   and namespace.nspname = any (%(schemas)s)
   and has_schema_privilege(namespace.oid, 'usage')
   and has_table_privilege(class.oid, 'select')
 order by 1
