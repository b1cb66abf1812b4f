-- The columns of the tables in these schemas that the login may read. Parameter: schemas (text[]).
select namespace.nspname || '.' || class.relname as "table",
       attribute.attname as name,
       format_type(attribute.atttypid, attribute.atttypmod) as data_type,
       type.typname as format,
       array_remove(array[
         case when attribute.attidentity <> '' then 'identity' end,
         case when attribute.attgenerated <> '' then 'generated' end,
         case when not attribute.attnotnull then 'nullable' end
       ], null) as options,
       coalesce(attribute.attnum = any (key.indkey), false) as is_primary_key,
       col_description(class.oid, attribute.attnum) as comment
  from pg_catalog.pg_class class
  join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
  join pg_catalog.pg_attribute attribute on attribute.attrelid = class.oid
  join pg_catalog.pg_type type on type.oid = attribute.atttypid
  left join pg_catalog.pg_index key on key.indrelid = class.oid and key.indisprimary
 where class.relkind in ('r', 'p', 'v', 'm')
   and namespace.nspname = any (%(schemas)s)
   and has_schema_privilege(namespace.oid, 'usage')
   and has_table_privilege(class.oid, 'select')
   and attribute.attnum > 0
   and not attribute.attisdropped
 order by 1, attribute.attnum
