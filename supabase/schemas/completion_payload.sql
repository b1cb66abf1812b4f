-- The payload of a completion: an approval and its recorded decision, whatever the effect's row says. The decision is
-- null while there is none. If the approval was closed because its step is done, the run goes on: `continue`.
-- If its time was over and the step has failed, it is `fail`.
create or replace function baton.completion_payload(p_payload jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('approvalId', a.id, 'decision', coalesce(a.decision,
      case when a.status = 'closed' and s.status in ('completed', 'skipped') then 'continue'
        when a.status = 'expired' then a.on_timeout end))
    from public.human_approvals a
    join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
    where a.id = (p_payload ->> 'approvalId')::uuid);
end $$;
