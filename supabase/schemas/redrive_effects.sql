-- Makes all failed effects of some organisations due at once, and answers with their number. Null: there are none that
-- the caller may redrive.
create or replace function baton.redrive_effects(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organizations text[]) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  answer jsonb;
begin
  answer := baton.boundary_answer(p_boundary_id);
  now_at := clock_timestamp();
  if answer is null then
    with failed as (
      select o.id from baton.outbox o
      join public.orchestration_runs r on r.id = o.run_id
      join public.organizations g on g.id = r.organization_id
      join baton.live_members m on m.organization_id = g.id and m.user_id = p_user_id
        and m.roles && array['operator', 'admin']
      where o.failures > 0 and g.slug = any (p_organizations)
      order by o.position for update of o
    ), redriven as (
      update baton.outbox o set available_at = now_at from failed where o.id = failed.id returning 1
    )
    select jsonb_build_object('redriven', count(*)) into answer from redriven having count(*) > 0;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.redrive_effects to baton_api;
