-- Locks a run and all runs below it, parents first, one statement a level. No run can be inserted below a locked run.
create or replace function baton.lock_tree(p_run_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  level uuid[] := array[p_run_id];
begin
  perform baton.lock_run(p_run_id);
  while level <> '{}' loop
    perform from public.orchestration_runs where parent_run_id = any (level) order by id for no key update;
    level := array(select id from public.orchestration_runs where parent_run_id = any (level));
  end loop;
end $$;
