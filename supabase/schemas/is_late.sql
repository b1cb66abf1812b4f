-- Whether nothing is left to decide about an approval: it is closed, its run has ended or, for a decision that would
-- end the run, has failed.
create or replace function baton.is_late(p_approval public.human_approvals, p_run_status text, p_decision text)
returns boolean language plpgsql stable set search_path = '' as $$
begin
  return p_approval.status = 'closed' or p_run_status in ('completed', 'aborted')
    or (p_run_status = 'failed' and coalesce(case p_decision
      when 'continue' then false when 'retry' then false when 'abort' then true when 'fail' then true end, false));
end $$;
