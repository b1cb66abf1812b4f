-- What following a run reads, beside the statement `events` of reads.sql.

-- name: standing
-- How one run stands, the number of its last event, and whether anything but a person is at work on it or on the open child
-- runs below it: a step runs, unless it waits for its child run; is to be tried again or was admitted; could begin, unless it
-- waits at its gate for a place (whoever holds that decides); or is to be asked about, and the question is not there yet.
with recursive tree as (
  select r.id, r.status, r.generation, r.parent_run_id, r.parent_step_id, r.parent_attempt
  from public.orchestration_runs r
  join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
  where r.id = %(run_id)s
  union all
  select c.id, c.status, c.generation, c.parent_run_id, c.parent_step_id, c.parent_attempt
  from tree join public.orchestration_runs c on c.parent_run_id = tree.id
  where c.status in ('pending', 'running', 'checkpoint')
)
select tree.status, coalesce((select max(e.sequence) from public.orchestration_events e where e.run_id = tree.id), 0)
    as last_sequence,
  tree.status in ('pending', 'running', 'checkpoint') and exists (
    select from tree part join public.orchestration_steps s on s.run_id = part.id
    where s.status = 'queued'
      or (s.status = 'running' and not exists (select from tree child where child.parent_run_id = s.run_id
        and child.parent_step_id = s.step_id and child.parent_attempt = s.attempt_number))
      or (s.status = 'checkpoint' and not exists (select from public.human_approvals a
        where a.run_id = s.run_id and a.step_id = s.step_id and a.status = 'pending'))
      or (s.status = 'pending' and not exists (select from public.orchestration_steps d
        where d.run_id = s.run_id and d.step_id = any (s.depends_on)
          and d.status not in ('completed', 'skipped') and not (d.status = 'failed' and d.continue_on_failure))
        and not exists (select from baton.gate_tokens g where g.run_id = s.run_id and g.step_id = s.step_id
          and g.generation = part.generation and g.released_at is null))
  ) as at_work
from tree where tree.id = %(run_id)s;
