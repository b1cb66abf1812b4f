-- The child run of an orchestration step's attempt, as its row, with the reason if it was aborted.
create or replace function baton.child_run(p_run_id uuid, p_step_id text, p_attempt_number integer) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select to_jsonb(c) || jsonb_build_object('aborted_because', (
      select coalesce(e.data ->> 'note', e.data ->> 'reason') from public.orchestration_events e
      where e.run_id = c.id and e.type = 'orchestration.run.aborted' order by e.sequence desc limit 1))
    from public.orchestration_runs c
    where c.parent_run_id = p_run_id and c.parent_step_id = p_step_id and c.parent_attempt = p_attempt_number);
end $$;
