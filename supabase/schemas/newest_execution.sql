-- The ARN of a run's newest execution, for a member of its organisation; null if there is no such run.
create or replace function baton.newest_execution(p_user_id uuid, p_run_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select to_jsonb(e.arn)
    from public.orchestration_runs r
    join baton.live_members m on m.organization_id = r.organization_id and m.user_id = p_user_id
    join baton.executions e on e.run_id = r.id and e.generation = r.generation
    where r.id = p_run_id);
end $$;
grant execute on function baton.newest_execution to baton_api;
