-- The outputs that dependents see, of some steps of a run or of all (null): {step_id: outputs}. Steps without outputs
-- are left out.
create or replace function baton.outputs_of(p_run_id uuid, p_step_ids text[]) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if p_step_ids = '{}' then
    return '{}';
  elsif p_step_ids is null then
    return baton.results_of(p_run_id) -> 'steps';
  end if;
  return (select coalesce(jsonb_object_agg(s.step_id, coalesce(s.seen, s.outputs)), '{}')
    from public.orchestration_steps s where s.run_id = p_run_id and s.step_id = any (p_step_ids)
      and (s.seen is not null or s.outputs is not null));
end $$;
