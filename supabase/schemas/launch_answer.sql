-- The answer of a launch: its run, or the run of an earlier launch with the same key, with the start order while that
-- is undelivered. Null: there is no such run. Only the run of an earlier launch has its plan in the answer.
create or replace function baton.launch_answer(p_organization_id uuid, p_run_id uuid, p_idempotency_key text,
  p_boundary_id uuid) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  launched_id uuid := p_run_id;
begin
  if p_idempotency_key is not null then
    select k.run_id into launched_id from baton.idempotency_keys k
    where k.organization_id = p_organization_id and k.key = p_idempotency_key;
  end if;
  return (select jsonb_build_object('id', r.id, 'status', r.status, 'definitionId', r.definition_id,
      'ownerAgent', r.owner_agent_slug, 'requestHash', k.request_hash,
      'plan', case when r.id <> p_run_id then r.plan end, 'execution', e.arn,
      'effects', baton.effects_of(array[r.id], p_boundary_id, 'none'))
    from public.orchestration_runs r
    join baton.executions e on e.run_id = r.id and e.generation = r.generation
    left join baton.idempotency_keys k on k.run_id = r.id
    where r.id = launched_id and r.organization_id = p_organization_id);
end $$;
