-- What dependents see of a step that failed and that the run goes on without: of an orchestration step that it failed,
-- of others nothing. An item's failure is for its for_each step to show.
create or replace function baton.go_on_without(p_run_id uuid, p_step_id text, p_error jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update public.orchestration_steps set seen = case type when 'orchestration'
    then jsonb_build_object('status', 'failed', 'errorDetails', p_error) else '{}' end
  where run_id = p_run_id and step_id = p_step_id and item_of is null;
end $$;
