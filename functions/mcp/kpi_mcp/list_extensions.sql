-- The extensions that are installed or available in the database.
select available.name,
       namespace.nspname as schema,
       available.default_version,
       installed.extversion as installed_version,
       available.comment
  from pg_catalog.pg_available_extensions available
  left join pg_catalog.pg_extension installed on installed.extname = available.name
  left join pg_catalog.pg_namespace namespace on namespace.oid = installed.extnamespace
 order by 1
