-- Whether all steps that a step depends on are done.
create or replace function baton.are_dependencies_done(p_run_id uuid, p_depends_on text[]) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return not exists (select from public.orchestration_steps d
    where d.run_id = p_run_id and d.step_id = any (p_depends_on) and not d.is_done);
end $$;
