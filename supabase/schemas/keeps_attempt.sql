-- Whether a step keeps its current attempt when it is recovered. An orchestration step keeps it, and with it the child
-- run. So does a for_each step with failed items, unless its input, and so its list, changes.
create or replace function baton.keeps_attempt(p_step public.orchestration_steps, p_is_changed boolean) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return p_step.type = 'orchestration' or (not p_is_changed and exists (
    select from public.orchestration_steps i
    where i.run_id = p_step.run_id and i.item_of = p_step.step_id and i.item_attempt = p_step.attempt_number
      and i.status = 'failed' and not i.continue_on_failure));
end $$;
