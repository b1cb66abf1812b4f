-- Adds events to the history of the execution that makes a call. Step Functions ends an execution after 25,000.
create or replace function baton.count_history(p_run_id uuid, p_execution text, p_events integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
  update baton.executions set history_events = history_events + p_events
  where run_id = p_run_id and arn = p_execution and p_events > 0;
end $$;
