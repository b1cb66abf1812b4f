-- What a run's machine is compiled from, and whether it is a child, which its parent's machine starts; null: no run of
-- this engine is open in that generation. A child may have been settled already, when its parent collected it.
create or replace function baton.pinned_run(p_run_id uuid, p_generation integer, p_engine_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('plan', r.plan, 'machine', r.machine, 'isChild', r.parent_run_id is not null)
    from public.orchestration_runs r
    where r.id = p_run_id and r.generation = p_generation and r.engine_id = p_engine_id
      and (r.parent_run_id is not null or r.is_open));
end $$;
grant execute on function baton.pinned_run to baton_reconcile;
