-- An effect that failed, for the API, without its payload: nothing private can leak.
create or replace function baton.failed_effect(p_effect baton.outbox) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('id', p_effect.id, 'runId', r.id, 'organization', o.slug, 'kind', p_effect.kind,
      'failures', p_effect.failures, 'lastError', left(coalesce(p_effect.last_error, ''), 500),
      'nextTryAt', p_effect.available_at, 'createdAt', p_effect.created_at)
    from public.orchestration_runs r join public.organizations o on o.id = r.organization_id
    where r.id = p_effect.run_id);
end $$;
