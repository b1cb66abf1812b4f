-- The caller's roles in the organisation of an effect; none if there is no such effect.
create or replace function baton.roles_for_effect(p_user_id uuid, p_effect_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select to_jsonb(m.roles)
    from baton.outbox o
    join public.orchestration_runs r on r.id = o.run_id
    join baton.live_members m on m.organization_id = r.organization_id and m.user_id = p_user_id
    where o.id = p_effect_id), '[]');
end $$;
grant execute on function baton.roles_for_effect to baton_api;
