-- Takes a person's decision, once. Open approvals of a failed run still accept continue and retry: the run's next
-- execution uses the decision. `outcome` is 'taken', 'same' (it was taken before), or the reason for a refusal;
-- approval_decision has the rest of the answer.
create or replace function baton.decide_approval(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid,
  p_approval_id uuid, p_user_id uuid, p_decision text, p_notes text, p_modifications jsonb, p_overrides jsonb)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  may_end_run boolean := p_decision = 'abort';
  runs uuid[] := array[p_run_id];
  a public.human_approvals;
  roles text[];
  is_repeated boolean;
  outcome text;
  events jsonb;
begin
  if may_end_run then
    perform baton.lock_tree(p_run_id);
  else
    perform baton.lock_run(p_run_id);
  end if;
  select * into a from public.human_approvals where id = p_approval_id and run_id = p_run_id;
  roles := (select m.roles from baton.live_members m
    where m.organization_id = a.organization_id and m.user_id = p_user_id);
  is_repeated := baton.has_ordered_effect(p_run_id, p_boundary_id);
  outcome := case
    when roles is null then 'not_found'
    when not 'approver' = any (roles) then 'forbidden'
    when is_repeated then 'taken'
    else baton.decision_outcome(a, p_decision, p_notes, p_modifications) end;
  if outcome = 'taken' and not is_repeated then
    events := baton.apply_decision(a, p_boundary_id, p_decision, p_user_id, p_notes, p_modifications, p_overrides);
    if may_end_run then
      perform baton.abort_orphans(p_run_id, p_boundary_id, null);
    else
      perform baton.order_effect(p_run_id, p_boundary_id, 'complete', jsonb_build_object('approvalId', a.id));
    end if;
    perform baton.advance_run(p_run_id, p_boundary_id, events);
  end if;
  if may_end_run then
    runs := baton.tree_of(p_run_id);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'effects', baton.effects_of(runs, p_boundary_id, 'all'))
    || case when outcome = 'not_found' then '{}' else baton.approval_decision(p_approval_id, p_decision) end;
end $$;
grant execute on function baton.decide_approval to baton_approval;
