-- What was tried at least so often, in some organisations of the caller, oldest first. This goes through whatever
-- failed, also elsewhere, and never through all runs of an organisation: the LIMIT inside keeps the order of the
-- joins.
create or replace function baton.failed_effects(p_user_id uuid, p_organizations text[], p_failures integer,
  p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (with own as materialized (
      select g.id from public.organizations g
      join baton.live_members m on m.organization_id = g.id and m.user_id = p_user_id
      where g.slug = any (p_organizations)
    ), failed as (
      select o from baton.outbox o
      cross join lateral (
        select from public.orchestration_runs r join own on own.id = r.organization_id
        where r.id = o.run_id limit 1) as run
      where o.failures > 0 and o.failures >= p_failures
      order by o.position limit p_limit
    )
    select coalesce(jsonb_agg(baton.undelivered_effect(failed.o) order by (failed.o).position), '[]') from failed);
end $$;
grant execute on function baton.failed_effects to baton_api;
