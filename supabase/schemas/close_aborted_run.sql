-- Ends an open run as aborted, with everything open in it. `p_decided_id` is the approval, if any, whose decision
-- aborts the run; `p_data` is the data of the event run.aborted. Answers with the events to record: of the approvals
-- that are closed, of the steps (without the items of for_each steps), and of the run.
create or replace function baton.close_aborted_run(p_run_id uuid, p_decided_id uuid, p_data jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  now_at timestamptz := clock_timestamp();
  events jsonb;
begin
  select coalesce(jsonb_agg(e.event -> 0 order by e.kind, e.step_index), '[]') into events from (
    select 1 as kind, s.step_index, baton.event('checkpoint.resolved', jsonb_build_object('stepId', a.step_id,
      'attemptNumber', a.attempt_number, 'approvalId', a.id, 'status', 'closed', 'reason', 'aborted',
      'reviewUrl', a.review_url)) as event
    from public.human_approvals a
    join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
    where a.run_id = p_run_id and a.status = 'pending' and a.id is distinct from p_decided_id
    union all
    select 2, s.step_index, baton.step_event('step.skipped', s.step_id, s.attempt_number, '{"reason": "aborted"}')
    from public.orchestration_steps s where s.run_id = p_run_id and s.item_index = -1 and s.is_open
  ) as e;
  update public.human_approvals set status = 'closed', closed_reason = 'aborted'
  where run_id = p_run_id and status = 'pending' and id is distinct from p_decided_id;
  update public.orchestration_steps set status = 'skipped', completed_at = now_at,
    skip_reason = 'aborted' where run_id = p_run_id and is_open;
  update public.orchestration_runs set status = 'aborted', completed_at = now_at, results = baton.results_of(id)
  where id = p_run_id;
  return events || baton.event('run.aborted', p_data);
end $$;
