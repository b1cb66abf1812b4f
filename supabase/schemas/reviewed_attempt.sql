-- The attempt that the newest review of a step is about; of an item, the one before. What is large does not travel.
create or replace function baton.reviewed_attempt(p_step public.orchestration_steps, p_reviews jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if p_reviews = '[]' then
    return null;
  end if;
  return (select jsonb_build_object('attemptNumber', t.attempt_number,
      'input', case when octet_length(t.metadata #>> '{runtime,input}') <= 65536 then t.metadata #> '{runtime,input}' end,
      'outputs', case when octet_length(t.outputs::text) <= 65536 then t.outputs end)
    from public.orchestration_step_attempts t
    where t.run_id = p_step.run_id and t.step_id = p_step.step_id and t.attempt_number < p_step.attempt_number
      and (p_step.item_of is not null or t.attempt_number <= (p_reviews -> -1 ->> 'attemptNumber')::int)
    order by t.attempt_number desc limit 1);
end $$;
