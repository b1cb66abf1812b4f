-- Takes the decision that the definition has for an expired approval, once. Without `p_execution`, the sweep asks, and
-- the decision is sent to the Task that waits. `p_execution` is the execution whose Task has timed out: only the run's
-- newest gets a decision. That Task gets an earlier decision in this answer, so the completion is removed from the
-- outbox, unless a newer execution waits for it. `outcome` is 'taken', 'same' (it was taken before), or the reason for
-- a refusal; approval_decision has the rest of the answer.
create or replace function baton.expire_approval(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_approval_id uuid, p_execution text) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  r record;
  a public.human_approvals;
  waits_for_answer boolean;
  is_repeated boolean;
  outcome text;
  events jsonb;
begin
  perform baton.lock_tree(p_run_id);
  now_at := clock_timestamp();
  select o.status, e.arn into r from public.orchestration_runs o
  left join baton.executions e on e.run_id = o.id and e.generation = o.generation where o.id = p_run_id;
  select * into a from public.human_approvals where id = p_approval_id and run_id = p_run_id;
  waits_for_answer := case a.on_timeout when 'continue' then true when 'fail' then true when 'abort' then false end;
  is_repeated := baton.has_ordered_effect(p_run_id, p_boundary_id);
  outcome := case
    when a.id is null then 'not_found'
    when is_repeated then 'taken'
    when p_execution is not null and r.arn is distinct from p_execution then 'stale_generation'
    when a.status in ('decided', 'expired') then 'same'
    when baton.is_approval_over(a, r.status, a.on_timeout) then 'ended'
    when a.expires_at is null or a.expires_at > now_at then 'not_expired'
    else 'taken' end;
  if outcome = 'taken' and not is_repeated then
    events := baton.apply_decision(a, p_boundary_id, a.on_timeout, null, null, '{}', '{}');
    if p_execution is null and waits_for_answer then
      perform baton.order_effect(p_run_id, p_boundary_id, 'complete', jsonb_build_object('approvalId', a.id));
    end if;
    perform baton.abort_orphans(p_run_id, p_boundary_id, null);
    perform baton.advance_run(p_run_id, p_boundary_id, events);
  elsif outcome = 'same' then
    delete from baton.outbox o
    where o.run_id = p_run_id and o.kind = 'complete' and o.payload ->> 'approvalId' = a.id::text
      and p_execution = (select t.execution from baton.checkpoint_tokens t
        where t.approval_id = a.id order by t.id desc limit 1);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome,
      'effects', baton.effects_of(baton.tree_of(p_run_id), p_boundary_id, 'all'))
    || case when outcome = 'not_found' then '{}' else baton.approval_decision(p_approval_id, a.on_timeout) end;
end $$;
grant execute on function baton.expire_approval to baton_approval;
