-- Whether a person's decision can be taken: 'taken', 'same' (it was taken before), or the reason for a refusal. The
-- agent reads the notes of a retry, so a retry with other notes is another decision. After the end of the approval's or
-- the run's time, no decision is taken, even before the sweep has acted.
create or replace function baton.decision_outcome(p_approval public.human_approvals, p_decision text, p_notes text,
  p_modifications jsonb) returns text
language plpgsql stable set search_path = '' as $$
declare
  run_status text;
  is_run_over boolean;
  option jsonb := (select o.option from jsonb_array_elements(p_approval.options) as o (option)
    where o.option ->> 'action' = p_decision);
begin
  select r.status, r.is_open and r.ends_at <= clock_timestamp() into run_status, is_run_over
  from public.orchestration_runs r where r.id = p_approval.run_id;
  return case
    when p_approval.status = 'decided' and p_approval.decision = p_decision
      and coalesce(p_approval.modifications, '{}') = p_modifications
      and case p_decision when 'continue' then true when 'abort' then true
        when 'retry' then coalesce(p_approval.notes, '') = coalesce(p_notes, '') end then 'same'
    when p_approval.status = 'decided' then 'decided'
    when p_approval.status = 'expired' or is_run_over
      or (p_approval.status = 'pending' and p_approval.expires_at <= clock_timestamp()) then 'expired'
    when baton.is_approval_over(p_approval, run_status, p_decision) then 'ended'
    when option is null then 'not_offered'
    when p_modifications <> '{}' and not coalesce((option ->> 'allowsModification')::boolean, false)
      then 'not_modifiable'
    else 'taken' end;
end $$;
