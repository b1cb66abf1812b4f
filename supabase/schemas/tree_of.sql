-- The ids of a run and of all runs below it.
create or replace function baton.tree_of(p_run_id uuid) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  return array(with recursive tree as (
    select p_run_id as id
    union all
    select c.id from public.orchestration_runs c join tree on c.parent_run_id = tree.id
  ) select id from tree);
end $$;
