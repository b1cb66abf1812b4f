-- The tables of the record belong to a role that nobody logs in as. Its functions act as that role, and nothing else of the
-- database is open to it. Whoever migrates is a member of it.
grant usage on schema public, baton to baton_owner;
grant create on schema baton to baton_owner;
grant create on schema public to baton_owner;  -- to take its tables over, no longer
do $$
declare
  part regclass;
begin
  for part in
    select c.oid::regclass from pg_class c
    where c.relkind in ('r', 'v') and c.relnamespace in ('public'::regnamespace, 'baton'::regnamespace)
      and c.relowner = current_user::regrole and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  loop
    execute format('alter table %s owner to baton_owner', part);
  end loop;
end $$;
revoke create on schema public from baton_owner;
