-- A failed root run and the child runs that are recovered with it, parents first. These are the child runs of open
-- steps, and of failed or aborted steps that are tried again. `p_step_id` is the root's step that the operator names,
-- if any: it is tried again even if the run goes on without it. Completed child runs are not recovered.
create or replace function baton.runs_to_recover(p_run_id uuid, p_step_id text) returns uuid[]
language plpgsql stable set search_path = '' as $$
begin
  return array(with recursive tree as (
    select r.id, r.depth from public.orchestration_runs r where r.id = p_run_id
    union all
    select c.id, c.depth from tree
    join public.orchestration_steps s on s.run_id = tree.id and s.item_index = -1
    join public.orchestration_runs c
      on c.parent_run_id = s.run_id and c.parent_step_id = s.step_id and c.parent_attempt = s.attempt_number
    where c.status <> 'completed' and (s.status in ('pending', 'queued', 'running')
      or (s.status = 'failed' and (not s.continue_on_failure or (s.run_id = p_run_id and s.step_id = p_step_id)))
      or s.skip_reason = 'aborted')
  ) select id from tree order by depth, id);
end $$;
