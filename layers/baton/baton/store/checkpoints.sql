-- The boundaries of a checkpoint (see boundary.sql for what stands around each).

-- name: open_checkpoint
-- Opens the approval of a step that waits for a person, or finds it, and stores the token that its decision will complete.
-- If the latest decision is taken already, the answer goes out at once. So it does for a step that was done without its
-- checkpoint (an operator skipped it): nobody is asked, and a closed approval says so. Even in a completed run: its last
-- decision may come before this call could say that it had asked, and the execution still waits.
with found as (
  select r.id, r.organization_id, r.status as run_status, r.generation, r.digest, s.step_id, s.status as step_status,
    s.attempt_number, checkpoint.value as checkpoint
  from public.orchestration_runs r
  join public.orchestration_steps s on s.run_id = r.id,
  jsonb_path_query_first(r.plan, '$.steps[*] ? (@.id == $step).checkpoint', jsonb_build_object('step', s.step_id))
    as checkpoint (value)
  where r.id = %(run_id)s and s.step_id = %(step_id)s
), verdict as (
  select found.*, case
    when run_status in ('failed', 'aborted') then 'run_ended'
    when generation <> %(generation)s then 'stale_generation'
    when digest <> %(digest)s then 'wrong_machine'
    else 'open' end as outcome
  from found
), opened as (
  insert into public.human_approvals (id, review_url, run_id, organization_id, step_id, attempt_number, question, options,
    expires_at, on_timeout, status, closed_reason)
  select %(approval_id)s::uuid, %(review_url)s::text, id, organization_id, step_id, attempt_number,
    checkpoint ->> 'question', checkpoint -> 'options',
    case when checkpoint ->> 'onTimeout' is not null
      then now() + make_interval(secs => (checkpoint ->> 'timeoutSeconds')::int) end,
    case when checkpoint ->> 'timeoutSeconds' is not null then checkpoint ->> 'onTimeout' end,
    case step_status when 'checkpoint' then 'pending' else 'closed' end,
    case when step_status <> 'checkpoint' then 'not asked' end
  from verdict where outcome = 'open' and step_status in ('checkpoint', 'completed', 'skipped')
  on conflict (run_id, step_id, attempt_number) do nothing
  returning id, run_id, organization_id, step_id, attempt_number, status, decision, question, options, expires_at, review_url
), approval as (
  select id, status, decision from opened
  union all
  (select a.id, a.status, a.decision from public.human_approvals a, verdict
   where verdict.outcome = 'open' and not exists (select from opened) and a.run_id = verdict.id
     and a.step_id = verdict.step_id order by a.attempt_number desc limit 1)
), token as (
  insert into baton.checkpoint_tokens (approval_id, token, execution)
  select approval.id, %(token)s::text, %(execution)s::text from approval
), event as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select run_id, organization_id, 'orchestration.checkpoint.requested', jsonb_strip_nulls(jsonb_build_object('stepId', step_id,
    'attemptNumber', attempt_number, 'approvalId', id, 'question', question,
    'actions', jsonb_path_query_array(options, '$[*].action'),
    'expiresAt', to_char(expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'reviewUrl', review_url))
  from opened where status = 'pending'
), answer as (
  insert into baton.outbox (run_id, kind, payload)
  select verdict.id, 'complete', jsonb_build_object('approvalId', approval.id,
    'decision', coalesce(approval.decision, 'continue'))
  from approval, verdict where approval.decision is not null
    or (approval.status = 'closed' and verdict.step_status in ('completed', 'skipped'))
)
select verdict.outcome, (select id from approval) as approval_id from verdict;

-- name: decide_approval
-- Takes a decision once: a person's, or, `by_clock`, the one that the definition has for an approval that nobody decided in
-- time. Continue completes the step, retry makes its next attempt ready, abort ends the run with everything open in it, fail
-- (by clock only) ends it as failed, or the step alone where the run may go on without it. A failed run's open approvals can still be answered with continue or retry: the run's
-- next execution uses the answer. A decision that the clock finds is answered to the Task that asks, so its completion is not
-- ordered any more, unless a newer execution waits for it.
with found as (
  select a.id, a.run_id, a.organization_id, a.step_id, a.attempt_number, a.status as approval_status,
    case when %(by_clock)s then a.on_timeout else %(decision)s end as decision, a.decision as decided,
    a.modifications as decided_modifications, a.notes as decided_notes, a.decided_at, a.decided_by, a.expires_at,
    a.review_url,
    r.status as run_status, r.generation, r.machine, m.roles, s.continue_on_failure,
    s.type = 'orchestration' as has_child, coalesce(jsonb_path_query_first(r.plan,
      '$.steps[*] ? (@.id == $step).retry.notifyHuman', jsonb_build_object('step', s.step_id)), 'false') as notify_human,
    (select o from jsonb_array_elements(a.options) as o where o ->> 'action' = %(decision)s) as option
  from public.human_approvals a
  join public.orchestration_runs r on r.id = a.run_id
  join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
  left join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
  where a.id = %(approval_id)s and a.run_id = %(run_id)s
), verdict as (
  select found.*, case
    when not %(by_clock)s and roles is null then 'not_found'
    when not %(by_clock)s and not 'approver' = any (roles) then 'forbidden'
    when %(by_clock)s and approval_status in ('decided', 'expired') then 'same'
    when approval_status = 'decided' and decided = %(decision)s
      and coalesce(decided_modifications, '{}') = %(modifications)s
      -- Notes of a retry are read by the agent, so other notes are another decision.
      and (decided <> 'retry' or coalesce(decided_notes, '') = coalesce(%(notes)s::text, '')) then 'same'
    when approval_status = 'decided' then 'decided'
    when approval_status = 'expired' then 'expired'
    when approval_status = 'closed' or run_status in ('completed', 'aborted') then 'ended'
    when run_status = 'failed' and decision in ('abort', 'fail') then 'ended'
    when %(by_clock)s and (expires_at is null or expires_at > now() + interval '2 seconds') then 'not_expired'
    when %(by_clock)s then 'taken'
    when option is null then 'not_offered'
    when %(modifications)s <> '{}' and not coalesce((option ->> 'allowsModification')::boolean, false) then 'not_modifiable'
    else 'taken' end as outcome
  from found
), taken as (
  select verdict.*, decision = 'abort' or (decision = 'fail' and not continue_on_failure) as ends_run,
    jsonb_build_object('type', 'CheckpointExpired', 'retryable', false,
    'message', 'nobody decided the checkpoint of ' || step_id || ' in time') as expiry
  from verdict where outcome = 'taken'
), approvals as (
  update public.human_approvals a set
    status = case when a.id <> taken.id then 'closed' when %(by_clock)s then 'expired' else 'decided' end,
    decision = case when a.id = taken.id then nullif(taken.decision, 'fail') end,
    decided_by = case when a.id = taken.id then %(user_id)s::uuid end,
    decided_at = case when a.id = taken.id then now() end,
    notes = case when a.id = taken.id then %(notes)s end,
    modifications = case when a.id = taken.id then %(modifications)s::jsonb end,
    closed_reason = case when a.id <> taken.id then 'aborted' end
  from taken
  where a.run_id = taken.run_id and (a.id = taken.id or (taken.decision = 'abort' and a.status = 'pending'))
), steps as (
  update public.orchestration_steps s set
    status = case taken.decision when 'continue' then 'completed' when 'retry' then 'pending' when 'fail' then 'failed'
      else 'skipped' end,
    completed_at = case taken.decision when 'retry' then null else now() end,
    attempt_number = s.attempt_number + (taken.decision = 'retry')::int,
    failures = case taken.decision when 'retry' then 0 else s.failures end,
    reads_cache = s.reads_cache and taken.decision <> 'retry',
    reviews = case taken.decision when 'retry' then s.reviews || jsonb_build_array(jsonb_build_object('attemptNumber',
      taken.attempt_number, 'notes', %(notes)s::text, 'modifications', %(modifications)s::jsonb)) else s.reviews end,
    error = case taken.decision when 'fail' then taken.expiry else s.error end,
    metadata = case taken.decision when 'abort' then s.metadata || '{"reason": "aborted"}' else s.metadata end
  from taken
  where s.run_id = taken.run_id and (s.step_id = taken.step_id
    or (taken.decision = 'abort' and s.status in ('pending', 'queued', 'running', 'checkpoint')))
), run as (
  update public.orchestration_runs r set
    parameter_overrides = case taken.decision when 'retry' then r.parameter_overrides || %(overrides)s::jsonb
      else r.parameter_overrides end,
    status = case when not taken.ends_run then r.status when taken.decision = 'abort' then 'aborted' else 'failed' end,
    completed_at = case when taken.ends_run then now() else r.completed_at end,
    error = case when taken.ends_run and taken.decision = 'fail' then jsonb_build_object('stepId', taken.step_id) || taken.expiry
      else r.error end,
    results = case when taken.decision = 'fail' and not taken.ends_run then jsonb_set(r.results,
      array['steps', taken.step_id], case when taken.has_child
        then jsonb_build_object('status', 'failed', 'errorDetails', taken.expiry) else '{}' end) else r.results end
  from taken where r.id = taken.run_id
), events as (
  insert into public.orchestration_events (run_id, organization_id, type, data)
  select taken.run_id, taken.organization_id, e.type, jsonb_strip_nulls(e.data)
  from taken, jsonb_build_object('stepId', taken.step_id, 'attemptNumber', taken.attempt_number) as step (told), lateral (
    select 0 as position, 0 as place, 'orchestration.checkpoint.resolved' as type, step.told || jsonb_build_object(
      'approvalId', taken.id, 'status', case when %(by_clock)s then 'expired' else 'decided' end, 'decision', taken.decision,
      'decidedBy', %(user_id)s::text, 'notes', %(notes)s::text, 'reviewUrl', taken.review_url) as data
    union all
    select 1, 0, 'orchestration.step.completed', step.told where taken.decision = 'continue'
    union all
    select 2, ended.* from baton.ended_with(taken.run_id, taken.id) as ended where taken.decision = 'abort'
    union all
    select 3, 0, 'orchestration.run.aborted', jsonb_build_object('stepId', taken.step_id, 'abortedBy', %(user_id)s::text,
      'note', %(notes)s::text) where taken.decision = 'abort'
    union all
    select failed.position, 0, failed.type, step.told || jsonb_build_object('error', taken.expiry) || failed.data
    from (values (4, true, 'orchestration.step.failed', '{"willRetry": false}'::jsonb),
      (5, true, 'orchestration.step_failed', jsonb_build_object('notifyHuman', taken.notify_human)),
      (6, taken.ends_run, 'orchestration.run.failed', '{}')) as failed (position, happened, type, data)
    where taken.decision = 'fail' and failed.happened
  ) as e
  order by e.position, e.place
), effect as (
  insert into baton.outbox (run_id, kind, payload)
  select run_id, case decision when 'abort' then 'stop' else 'complete' end, case decision
    when 'abort' then jsonb_build_object('machine', machine, 'generation', generation, 'reason', 'RunAborted',
      'detail', 'the run was aborted at the checkpoint of ' || step_id)
    else jsonb_build_object('approvalId', id, 'decision', decision) end
  from taken where decision = 'abort' or not %(by_clock)s
), answered as (
  delete from baton.outbox o using verdict
  where %(by_clock)s and verdict.outcome = 'same' and o.run_id = verdict.run_id and o.kind = 'complete'
    and o.payload ->> 'approvalId' = verdict.id::text and %(execution)s::text = (
      select t.execution from baton.checkpoint_tokens t where t.approval_id = verdict.id order by t.id desc limit 1)
)
select outcome, step_id, attempt_number, coalesce(decided, decision) as decision,
  coalesce(decided_by, %(user_id)s::uuid) as decided_by, coalesce(decided_at, now()) as decided_at
from verdict where outcome <> 'not_found';

-- name: approval_of_step
-- The approval that a waiting Task's time-out is about: of a step that waits, none but its present attempt's, which may
-- not be open yet.
select a.id
from public.human_approvals a join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
where a.run_id = %(run_id)s and a.step_id = %(step_id)s
  and (s.status <> 'checkpoint' or a.attempt_number = s.attempt_number)
order by a.attempt_number desc limit 1;
