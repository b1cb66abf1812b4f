-- The values that a child run of a step's attempt takes from its parent (see insert_run).
create or replace function baton.new_child_run(p_run_id uuid, p_step_id text, p_attempt_number integer)
returns public.orchestration_runs language plpgsql stable set search_path = '' as $$
declare
  child public.orchestration_runs;
begin
  select organization_id, options, engine_id, execution_prefix, launched_by, root_run_id, id, depth + 1
    into child.organization_id, child.options, child.engine_id, child.execution_prefix, child.launched_by,
      child.root_run_id, child.parent_run_id, child.depth
  from public.orchestration_runs where id = p_run_id;
  child.parent_step_id := p_step_id;
  child.parent_attempt := p_attempt_number;
  return child;
end $$;
