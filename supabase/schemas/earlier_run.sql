-- The run that an idempotency key has made, for a member of its organisation, as launch_answer has it; null if there is
-- none.
create or replace function baton.earlier_run(p_user_id uuid, p_organization_id uuid, p_idempotency_key text)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('id', r.id, 'status', r.status, 'definitionId', r.definition_id,
      'ownerAgent', r.owner_agent_slug, 'plan', r.plan, 'requestHash', k.request_hash, 'execution', e.arn)
    from baton.idempotency_keys k
    join baton.live_members m on m.organization_id = k.organization_id and m.user_id = p_user_id
    join public.orchestration_runs r on r.id = k.run_id
    join baton.executions e on e.run_id = r.id and e.generation = r.generation
    where k.organization_id = p_organization_id and k.key = p_idempotency_key);
end $$;
grant execute on function baton.earlier_run to baton_api;
