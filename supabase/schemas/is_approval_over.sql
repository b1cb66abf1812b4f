-- Whether an approval can no longer be decided: it is closed, or its run is completed or aborted. A failed run still
-- accepts decisions that would not end it.
create or replace function baton.is_approval_over(p_approval public.human_approvals, p_run_status text, p_decision text)
returns boolean language plpgsql stable set search_path = '' as $$
begin
  return p_approval.status = 'closed' or p_run_status in ('completed', 'aborted')
    or (p_run_status = 'failed' and coalesce(p_decision in ('abort', 'fail'), false));
end $$;
