-- Sets what dependents see of a failed step that its run goes on without: of an orchestration step the failure, of
-- another step nothing. Items are left out: their for_each step shows their failures.
create or replace function baton.show_step_failure(p_run_id uuid, p_step_id text, p_error jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_steps set seen = case type when 'orchestration'
    then jsonb_build_object('status', 'failed', 'errorDetails', p_error) else '{}' end
  where run_id = p_run_id and step_id = p_step_id and item_of is null;
end $$;
