-- The outbox: effects that must follow a commit. See also written_effects in boundary.sql.

-- name: claim_due_effects
-- Takes what its writer did not deliver in time, for a minute: a lease, never a held transaction. `wanted` tells whether a start
-- still is: the run has not ended and no later generation replaced it. Everything else is wanted whatever became of the run.
-- A start is not taken while an earlier stop of its run is there.
with due as (
  select o.id from baton.outbox o join public.orchestration_runs r on r.id = o.run_id
  where o.available_at <= now() and r.engine_id = %(engine_id)s
    and (o.kind <> 'start' or not exists (
      select from baton.outbox s where s.run_id = o.run_id and s.kind = 'stop' and s.position < o.position))
  order by o.position limit %(limit)s for update of o skip locked
), claimed as (
  update baton.outbox o set available_at = now() + interval '60 seconds' from due where o.id = due.id
  returning o.id, o.run_id, o.kind, o.payload, o.failures, o.position
)
select c.id, c.run_id, c.kind, c.payload, c.failures, g.token, g.execution,
  c.kind <> 'start' or (r.status in ('pending', 'running', 'checkpoint')
    and r.generation = (c.payload ->> 'generation')::int) as wanted
from claimed c join public.orchestration_runs r on r.id = c.run_id
left join baton.gate_tokens g on c.kind = 'release' and g.id = (c.payload ->> 'gateId')::bigint
order by c.position;

-- name: delivered
-- An effect that happened is done with.
delete from baton.outbox where id = any (%(ids)s::uuid[]);

-- name: not_delivered
-- An effect that failed waits longer each time, up to an hour, and keeps the reason where a person can see it.
update baton.outbox set failures = failures + 1, last_error = %(error)s,
  available_at = now() + least(interval '1 hour', interval '30 seconds' * power(2, least(failures, 10)))
where id = %(id)s;

-- name: effect
-- One undelivered effect by its id.
select id, run_id, kind, payload from baton.outbox where id = %(id)s;

-- name: newest_token
-- The token that an approval's decision completes, and the execution that waits for it. Only the approval function's login
-- may read this table.
select token, execution from baton.checkpoint_tokens where approval_id = %(approval_id)s order by id desc limit 1;
