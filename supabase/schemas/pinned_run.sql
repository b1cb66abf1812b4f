-- The plan and the machine of a run, the organisation that owns its definition, and whether it is a child run, which
-- its parent's machine starts. Null: this engine has no such run that is open in that generation, with that execution.
-- A child run may have ended: its parent may have settled it already.
create or replace function baton.pinned_run(p_run_id uuid, p_generation integer, p_execution text,
  p_engine_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('plan', r.plan, 'machine', r.machine, 'isChild', r.parent_run_id is not null,
      'organization', o.slug)
    from public.orchestration_runs r
    join public.orchestration_definitions d on d.id = r.definition_id
    join public.organizations o on o.id = d.organization_id
    join baton.executions e on e.run_id = r.id and e.generation = r.generation and e.arn = p_execution
    where r.id = p_run_id and r.generation = p_generation and r.engine_id = p_engine_id
      and (r.parent_run_id is not null or r.is_open));
end $$;
grant execute on function baton.pinned_run to baton_reconcile;
