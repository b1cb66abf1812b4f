-- For a step with failures: the number of the attempt whose idempotency key the calls of the present attempt have. If
-- no agent answered, nobody knows whether it did the work, so the key stays. An agent's answer with a failure, and a
-- person's retry, change it.
create or replace function baton.key_number(p_step public.orchestration_steps, p_reviews jsonb) returns integer
language plpgsql stable set search_path = '' as $$
declare
  first_possible integer := greatest(p_step.attempt_number - p_step.failures, 1,
    case when p_step.item_of is null then (p_reviews -> -1 ->> 'attemptNumber')::int + 1 end);
begin
  return (select coalesce(max(t.attempt_number) + 1, first_possible) from public.orchestration_step_attempts t
    where t.run_id = p_step.run_id and t.step_id = p_step.step_id
      and t.attempt_number between first_possible and p_step.attempt_number - 1
      and coalesce(t.error ->> 'type', '') not in ('AgentUnreachable', 'AgentTimedOut', 'AgentStillAtWork'));
end $$;
