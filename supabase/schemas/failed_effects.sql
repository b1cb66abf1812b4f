-- Effects with at least `p_failures` failures, in some of the caller's organisations, oldest first, without their
-- payloads. It reads the failed effects of all organisations, and never all runs of one: the LIMIT inside keeps the
-- order of the joins.
create or replace function baton.failed_effects(p_user_id uuid, p_organizations text[], p_failures integer,
  p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (with own as materialized (
      select g.id, g.slug from public.organizations g
      join baton.live_members m on m.organization_id = g.id and m.user_id = p_user_id
      where g.slug = any (p_organizations)
    ), failed as (
      select o.*, run.slug from baton.outbox o
      cross join lateral (
        select own.slug from public.orchestration_runs r join own on own.id = r.organization_id
        where r.id = o.run_id limit 1) as run
      where o.failures > 0 and o.failures >= p_failures
      order by o.position limit p_limit
    )
    select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'runId', f.run_id, 'organization', f.slug, 'kind', f.kind,
      'failures', f.failures, 'lastError', left(coalesce(f.last_error, ''), 500), 'nextTryAt', f.available_at,
      'createdAt', f.created_at) order by f.position), '[]') from failed as f);
end $$;
grant execute on function baton.failed_effects to baton_api;
