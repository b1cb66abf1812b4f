-- The results of a run's steps so far: {"steps": {step_id: {output: value}}}.
create or replace function baton.results_of(p_run_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('steps', coalesce(
      jsonb_object_agg(s.step_id, coalesce(s.seen, s.outputs))
        filter (where s.seen is not null or s.outputs is not null), '{}'))
    from public.orchestration_steps s where s.run_id = p_run_id and s.item_index = -1);
end $$;
