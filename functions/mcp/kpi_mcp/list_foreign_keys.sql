-- The foreign keys of the tables in these schemas that the login may read. Parameter: schemas (text[]).
select namespace.nspname || '.' || class.relname as "table",
       key.conname as name,
       array(
         select attname::text
           from unnest(key.conkey) with ordinality as part (number, position)
           join pg_catalog.pg_attribute on attrelid = key.conrelid and attnum = part.number
          order by position
       ) as source_columns,
       key.confrelid::regclass::text as target_table,
       array(
         select attname::text
           from unnest(key.confkey) with ordinality as part (number, position)
           join pg_catalog.pg_attribute on attrelid = key.confrelid and attnum = part.number
          order by position
       ) as target_columns
  from pg_catalog.pg_constraint key
  join pg_catalog.pg_class class on class.oid = key.conrelid
  join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
 where key.contype = 'f'
   and namespace.nspname = any (%(schemas)s)
   and has_schema_privilege(namespace.oid, 'usage')
   and has_table_privilege(class.oid, 'select')
 order by 1, 2
