-- The names of time zones. The database knows some zones under further names, which depend on the server.
create or replace function baton.time_zones() returns text[]
language plpgsql stable set search_path = '' as $$
begin
  return array(select z.name from pg_catalog.pg_timezone_names z
    where z.name = 'UTC'
      or z.name ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/'
    order by z.name);
end $$;
