-- A parent step's reviews for the first steps of its child run, which are those that depend on no other step: {step_id:
-- reviews}, as insert_steps takes it.
create or replace function baton.child_reviews(p_definition_id uuid, p_reviews jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if p_reviews = '[]' then
    return '{}';
  end if;
  return (select coalesce(jsonb_object_agg(p.step ->> 'id', p_reviews), '{}')
    from public.orchestration_definitions d, jsonb_array_elements(d.plan -> 'steps') as p (step)
    where d.id = p_definition_id and p.step -> 'dependsOn' = '[]');
end $$;
