-- Opens the approval of a step that waits for a person, or finds it, and stores the token that its decision completes.
-- If there is a decision already, the completion is ordered at once. So it is if an operator has skipped the step: then
-- the approval is closed. `approvalId` is null if nothing waits for a person. `p_approval_id` and `p_review_url` are
-- those of a new approval.
create or replace function baton.open_checkpoint(p_boundary_id uuid, p_delivered uuid[], p_run_id uuid, p_step_id text,
  p_execution text, p_digest text, p_token text, p_approval_id uuid, p_review_url text, p_history_events integer)
returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  a record;
  is_new boolean;
  stored_id uuid;
  stored_attempt integer;
  outcome text;
  is_completion_ordered boolean := false;
  events jsonb := '[]';
  advance_effects jsonb;
begin
  perform baton.lock_run(p_run_id);
  select o.status, o.attempt_number, g.slug into s
  from public.orchestration_steps o join public.organizations g on g.id = o.organization_id
  where o.run_id = p_run_id and o.step_id = p_step_id;
  select o.id, o.attempt_number, o.status, o.decision into a from public.human_approvals o
  where o.run_id = p_run_id and o.step_id = p_step_id order by o.attempt_number desc limit 1;
  select t.approval_id, o.attempt_number into stored_id, stored_attempt
  from baton.checkpoint_tokens t join public.human_approvals o on o.id = t.approval_id
  where o.run_id = p_run_id and o.step_id = p_step_id and (t.boundary_id = p_boundary_id
    or (t.token = p_token and o.attempt_number = s.attempt_number)) limit 1;
  is_new := s.status in ('checkpoint', 'completed', 'skipped') and a.attempt_number is distinct from s.attempt_number;
  outcome := case when s.status is null then 'unknown_step' when stored_id is not null then 'open'
    else coalesce(baton.refusal_of_waiting(p_run_id, p_execution, p_digest), 'open') end;
  if outcome = 'open' and stored_id is null then
    if is_new then
      events := baton.insert_approval(p_run_id, p_step_id, p_approval_id, p_review_url);
      select o.id, o.attempt_number, o.status, o.decision into a from public.human_approvals o
      where o.id = p_approval_id;
    end if;
    perform baton.count_history(p_run_id, p_execution, p_history_events);
    insert into baton.checkpoint_tokens (approval_id, token, execution, boundary_id)
    select a.id, p_token, p_execution, p_boundary_id where a.id is not null;
    if a.decision is not null or a.status = 'expired'
      or (a.status = 'closed' and s.status in ('completed', 'skipped')) then
      perform baton.order_effect(p_run_id, p_boundary_id, 'complete', jsonb_build_object('approvalId', a.id));
      is_completion_ordered := true;
    end if;
    advance_effects := baton.advance_run(p_run_id, p_boundary_id, events);
  end if;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('outcome', outcome, 'attemptNumber', coalesce(stored_attempt, s.attempt_number),
    'organization', s.slug, 'approvalId', case outcome when 'open' then coalesce(stored_id, a.id) end,
    'effects', case when advance_effects is not null and not is_completion_ordered then advance_effects
      else baton.effects_of(array[p_run_id], p_boundary_id, 'none') end);
end $$;
grant execute on function baton.open_checkpoint to baton_checkpoint;
