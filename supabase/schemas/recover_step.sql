-- What becomes of a step, or an item, when its run is recovered. Work that was done and waited for a person is asked
-- about again. Work that failed or was aborted, and what gets other input, is to be done again, with a new budget; what
-- failed or gets other input, without the cache. The rest goes on as it is. `p_review` is {"notes", "modifications"},
-- null where the operator skips a step: the steps that are tried again hear why, and the one that was named gets the
-- modifications. Answers with the events to tell.
create or replace function baton.recover_step(p_step public.orchestration_steps, p_is_named boolean, p_review jsonb)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  is_changed boolean := coalesce(p_is_named and p_review -> 'modifications' <> '{}', false);
  keeps_attempt boolean := baton.keeps_attempt(p_step, is_changed);
  did_its_work boolean;
  approval_status text;
  becomes text;
  anew boolean;
begin
  did_its_work := exists (select from public.orchestration_step_attempts a where a.run_id = p_step.run_id
    and a.step_id = p_step.step_id and a.attempt_number = p_step.attempt_number and a.status = 'completed');
  select q.status into approval_status from public.human_approvals q
  where q.run_id = p_step.run_id and q.step_id = p_step.step_id and q.attempt_number = p_step.attempt_number;
  becomes := case
    when p_step.status = 'failed' and keeps_attempt and approval_status = 'expired' then 'checkpoint'
    when p_step.status = 'skipped' and did_its_work and approval_status is distinct from 'decided' then 'checkpoint'
    when p_step.status in ('failed', 'skipped') or is_changed then 'pending'
    else p_step.status end;
  -- What failed, gets other input, or was turned down is another attempt. The rest goes on with the one it has.
  anew := case p_step.status
    when 'skipped' then approval_status is not distinct from 'decided'
    when 'failed' then not keeps_attempt
    else is_changed and not keeps_attempt end;
  if anew then
    perform baton.supersede_attempt(p_step.run_id, p_step.step_id);
    perform baton.give_up_attempt(p_step);
  elsif p_step.status = 'failed' and becomes = 'pending' then
    update public.orchestration_step_attempts
    set status = 'running', ended_at = null, error = null, lease_until = clock_timestamp()
    where run_id = p_step.run_id and step_id = p_step.step_id and attempt_number = p_step.attempt_number
      and status <> 'running';
  end if;
  update public.orchestration_steps set status = becomes, attempt_number = attempt_number + anew::int, failures = 0,
    completed_at = null, error = case when becomes in ('queued', 'running') then error end,
    reads_cache = reads_cache and p_step.status <> 'failed' and not is_changed, skip_reason = null,
    reviews = case when p_review is not null and item_of is null and (p_is_named or p_step.status = 'failed')
      then reviews || (p_review || jsonb_build_object('attemptNumber', p_step.attempt_number,
        'modifications', case when p_is_named then p_review -> 'modifications' else '{}' end)) else reviews end
  where run_id = p_step.run_id and step_id = p_step.step_id;
  return case becomes when 'checkpoint' then baton.ask_again(p_step) else '[]' end;
end $$;
