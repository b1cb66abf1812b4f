-- The child run of an orchestration step's present attempt, and why it was aborted, if it was.
create or replace function baton.child_run(p_step public.orchestration_steps) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select to_jsonb(c) || jsonb_build_object('results', case when c.is_open then null else c.results end,
      'aborted_because', (select coalesce(e.data ->> 'note', e.data ->> 'reason') from public.orchestration_events e
        where e.run_id = c.id and e.type = 'orchestration.run.aborted' order by e.sequence desc limit 1))
    from public.orchestration_runs c
    where c.parent_run_id = p_step.run_id and c.parent_step_id = p_step.step_id
      and c.parent_attempt = p_step.attempt_number);
end $$;
