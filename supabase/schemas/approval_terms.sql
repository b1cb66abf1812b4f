-- What a decision on an approval may contain, for a member of its organisation; null for others. The plan is there only
-- if the caller asks for it: modifications are checked against it.
create or replace function baton.approval_terms(p_user_id uuid, p_approval_id uuid, p_with_plan boolean) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('runId', a.run_id, 'organization', o.slug, 'roles', m.roles,
      'today', (clock_timestamp() at time zone o.time_zone)::date,
      'plan', case when p_with_plan then r.plan end, 'parameters', r.parameters || r.parameter_overrides)
    from public.human_approvals a
    join public.orchestration_runs r on r.id = a.run_id
    join public.organizations o on o.id = a.organization_id
    join baton.live_members m on m.organization_id = a.organization_id and m.user_id = p_user_id
    where a.id = p_approval_id);
end $$;
grant execute on function baton.approval_terms to baton_api;
