-- The answer of a boundary of a run and of all runs below it. `p_tokens` says which tokens it may contain (see
-- effects_of).
create or replace function baton.run_answer(p_run_id uuid, p_boundary_id uuid, p_outcome text, p_tokens text)
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('outcome', p_outcome, 'runStatus', r.status, 'generation', r.generation,
      'effects', baton.effects_of(baton.tree_of(p_run_id), p_boundary_id, p_tokens))
    from public.orchestration_runs r where r.id = p_run_id);
end $$;
