-- The tables of the record belong to a role that cannot log in and has no other rights in the database. The functions of
-- the record act as that role. The role that migrates is a member of it. If the migrating role may not grant CREATE on
-- schema public (it does not own the database), it keeps the tables and the functions.
do $$
declare
  part regclass;
  words regtype;
begin
  grant usage on schema public, baton to baton_owner;
  grant create on schema baton to baton_owner;
  grant create on schema public to baton_owner;  -- only while it takes the tables over
  for part in
    select oid from pg_class where relnamespace = 'baton'::regnamespace and relkind in ('r', 'v')
    union all
    select format('public.%I', name)::regclass from unnest(array['organizations', 'organization_members', 'agents',
      'orchestration_definitions', 'orchestration_runs', 'orchestration_steps', 'orchestration_step_attempts',
      'orchestration_events', 'human_approvals', 'deliverables']) as name
  loop
    execute format('alter table %s owner to baton_owner', part);
  end loop;
  for words in select oid from pg_type where typnamespace = 'baton'::regnamespace and typtype = 'd' loop
    execute format('alter domain %s owner to baton_owner', words);
  end loop;
  revoke create on schema public from baton_owner;
exception when insufficient_privilege then
  raise warning 'The tables of the record stay with the role %: %', current_user, sqlerrm;
end $$;
