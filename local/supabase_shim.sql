-- The roles, schemas and functions of a new Supabase project that migrations, policies and clients use. Applied to a
-- plain Postgres by a role that may create roles; `baton.owner` names the role that runs migrations.

do $$
declare
  owner name := current_setting('baton.owner');
  client name;
begin
  foreach client in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = client) then
      execute format('create role %I nologin noinherit', client);
    end if;
    if owner <> current_user then
      execute format('grant %I to %I', client, owner);
    end if;
  end loop;
  begin
    alter role service_role bypassrls;
  exception when insufficient_privilege then
    raise notice 'service_role stays under row level security: only a superuser can exempt it';
  end;

  execute format('create schema if not exists extensions authorization %I', owner);
  create schema if not exists auth;
  execute format('grant usage on schema auth to %I', owner);
  grant usage on schema auth, extensions, public to anon, authenticated, service_role;

  -- As on Supabase, clients may use every new object of schema public unless its migration revokes that. So a missing
  -- revoke is found here, too.
  execute format('alter default privileges for role %I in schema public grant all on tables to anon, authenticated, service_role', owner);
  execute format('alter default privileges for role %I in schema public grant all on sequences to anon, authenticated, service_role', owner);
  execute format('alter default privileges for role %I in schema public grant execute on functions to anon, authenticated, service_role', owner);
end $$;

-- The verified claims of the caller's token, which PostgREST sets for each request.
create or replace function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

create or replace function auth.uid() returns uuid language sql stable as $$
  select (auth.jwt() ->> 'sub')::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
  select auth.jwt() ->> 'role'
$$;
