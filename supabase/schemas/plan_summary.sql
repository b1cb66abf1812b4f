-- What answers show of a definition's plan: its parameters, its constraints, and for each step the fields that people
-- need for orientation.
create or replace function baton.plan_summary(p_plan jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('parameters', p_plan -> 'parameters', 'constraints', p_plan -> 'constraints', 'steps', (
    select jsonb_agg(jsonb_build_object('id', s -> 'id', 'index', s -> 'index', 'name', s -> 'name', 'type', s -> 'type',
      'agent', s -> 'agent', 'mode', s -> 'mode', 'dependsOn', s -> 'dependsOn') order by place)
    from jsonb_array_elements(p_plan -> 'steps') with ordinality as p (s, place)));
end $$;
grant execute on function baton.plan_summary to baton_api;
