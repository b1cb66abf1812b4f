-- Inserts the steps of a new run, from its plan. `p_reviews` has the reviews that steps begin with: {step_id: reviews}.
-- `p_reused` has the results that a fork reuses: {step_id: {"status", "outputs", "skipReason", "reusedFrom"}}.
create or replace function baton.insert_steps(p_run_id uuid, p_reviews jsonb, p_reused jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into public.orchestration_steps (run_id, organization_id, step_id, step_index, priority, type, agent_slug,
    mode, depends_on, continue_on_failure, planned, reads, reviews, reads_cache, status, skip_reason, outputs, seen,
    completed_at, metadata)
  select r.id, r.organization_id, p.id, p.index, coalesce(p.priority, 1), p.type, p.agent, p.mode,
    array(select jsonb_array_elements_text(p."dependsOn")),
    coalesce(p."continueOnFailure", false) or p."onChildFailure" is not distinct from 'continue', planned.step,
    case when jsonb_typeof(p.reads) = 'array' then array(select jsonb_array_elements_text(p.reads)) end,
    coalesce(p_reviews -> p.id, '[]'), not p_reviews ? p.id,
    coalesce(reused.step ->> 'status', 'pending'), reused.step ->> 'skipReason',
    nullif(reused.step -> 'outputs', 'null'),
    case when reused.step -> 'outputs' = 'null' then '{}'::jsonb end,
    case when reused.step is not null then clock_timestamp() end,
    jsonb_strip_nulls(jsonb_build_object('reusedFrom', reused.step -> 'reusedFrom'))
  from public.orchestration_runs r, jsonb_array_elements(r.plan -> 'steps') as planned (step),
    jsonb_to_record(planned.step) as p (id text, index int, priority int, type text, agent text, mode text,
      "dependsOn" jsonb, "continueOnFailure" boolean, "onChildFailure" text, reads jsonb),
    lateral (select p_reused -> p.id as step) as reused
  where r.id = p_run_id;
end $$;
