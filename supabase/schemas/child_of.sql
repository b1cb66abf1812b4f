-- What a child run of a step's attempt takes over from its parent (see make_run).
create or replace function baton.child_of(p_run_id uuid, p_step_id text, p_attempt_number integer)
returns public.orchestration_runs language plpgsql stable set search_path = '' as $$
declare
  parent public.orchestration_runs;
  child public.orchestration_runs;
begin
  select * into parent from public.orchestration_runs where id = p_run_id;
  child.organization_id := parent.organization_id;
  child.options := parent.options;
  child.engine_id := parent.engine_id;
  child.execution_prefix := parent.execution_prefix;
  child.launched_by := parent.launched_by;
  child.root_run_id := parent.root_run_id;
  child.parent_run_id := p_run_id;
  child.parent_step_id := p_step_id;
  child.parent_attempt := p_attempt_number;
  child.depth := parent.depth + 1;
  return child;
end $$;
