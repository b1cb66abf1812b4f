-- Recovers a step, or an item, with its run. If it has a result that waited for a person, it waits again. If it failed,
-- was aborted or gets modifications, it is tried again, with a new budget of retries; after a failure or with
-- modifications, without the cache. Any other step goes on as it is. `p_review` is {"notes", "modifications"}, or null
-- if the operator skips a step. Every failed step gets the notes; the step that the operator names also gets the
-- modifications. Answers with the events to record.
create or replace function baton.recover_step(p_step public.orchestration_steps, p_is_named boolean, p_review jsonb)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  is_changed boolean := coalesce(p_is_named and p_review -> 'modifications' <> '{}', false);
  keeps_attempt boolean := baton.keeps_attempt(p_step, is_changed);
  has_result boolean;
  approval_status text;
  next_status text;
  is_new_attempt boolean;
begin
  has_result := exists (select from public.orchestration_step_attempts a where a.run_id = p_step.run_id
    and a.step_id = p_step.step_id and a.attempt_number = p_step.attempt_number and a.status = 'completed');
  select q.status into approval_status from public.human_approvals q
  where q.run_id = p_step.run_id and q.step_id = p_step.step_id and q.attempt_number = p_step.attempt_number;
  next_status := case
    when p_step.status = 'failed' and keeps_attempt and approval_status = 'expired' then 'checkpoint'
    when p_step.status = 'skipped' and has_result and approval_status is distinct from 'decided' then 'checkpoint'
    when p_step.status in ('failed', 'skipped') or is_changed then 'pending'
    else p_step.status end;
  -- A step that failed, gets modifications, or was aborted by a decision gets a new attempt.
  is_new_attempt := case p_step.status
    when 'skipped' then approval_status is not distinct from 'decided'
    when 'failed' then not keeps_attempt
    else is_changed and not keeps_attempt end;
  if is_new_attempt then
    perform baton.supersede_attempt(p_step.run_id, p_step.step_id);
    perform baton.abandon_attempt(p_step);
  elsif p_step.status = 'failed' and next_status = 'pending' then
    update public.orchestration_step_attempts
    set status = 'running', ended_at = null, error = null, lease_until = clock_timestamp()
    where run_id = p_step.run_id and step_id = p_step.step_id and attempt_number = p_step.attempt_number
      and status <> 'running';
  end if;
  update public.orchestration_steps set status = next_status, attempt_number = attempt_number + is_new_attempt::int,
    failures = 0, completed_at = null, error = case when next_status in ('queued', 'running') then error end,
    reads_cache = reads_cache and p_step.status <> 'failed' and not is_changed, skip_reason = null,
    reviews = case when p_review is not null and item_of is null and (p_is_named or p_step.status = 'failed')
      then reviews || (p_review || jsonb_build_object('attemptNumber', p_step.attempt_number,
        'modifications', case when p_is_named then p_review -> 'modifications' else '{}' end)) else reviews end
  where run_id = p_step.run_id and step_id = p_step.step_id;
  return case next_status when 'checkpoint' then baton.reopen_approval(p_step) else '[]' end;
end $$;
