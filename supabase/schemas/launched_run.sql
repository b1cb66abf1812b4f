-- The run that a launch, or an earlier one with the same key, made, as its answer tells it, with the order to start its
-- execution while that is not delivered; null if there is none. The plan is there for an earlier one alone: the launch
-- has its own.
create or replace function baton.launched_run(p_organization_id uuid, p_run_id uuid, p_idempotency_key text,
  p_boundary_id uuid) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  found_id uuid := p_run_id;
begin
  if p_idempotency_key is not null then
    select k.run_id into found_id from baton.idempotency_keys k
    where k.organization_id = p_organization_id and k.key = p_idempotency_key;
  end if;
  return (select jsonb_build_object('id', r.id, 'status', r.status, 'definitionId', r.definition_id,
      'ownerAgent', r.owner_agent_slug, 'requestHash', k.request_hash,
      'plan', case when r.id <> p_run_id then r.plan end,
      'effects', baton.effects_of(array[r.id], p_boundary_id, 'none'))
    from public.orchestration_runs r left join baton.idempotency_keys k on k.run_id = r.id
    where r.id = found_id and r.organization_id = p_organization_id);
end $$;
