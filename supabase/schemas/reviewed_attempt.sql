-- The attempt that the newest review of a step is about; of an item, its last attempt. Inputs and outputs of more than
-- 64 KiB are left out.
create or replace function baton.reviewed_attempt(p_run_id uuid, p_step_id text, p_reviews jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('attemptNumber', t.attempt_number,
      'input', case when octet_length(t.metadata #>> '{runtime,input}') <= 65536
        then t.metadata #> '{runtime,input}' end,
      'outputs', case when octet_length(t.outputs::text) <= 65536 then t.outputs end)
    from public.orchestration_steps s
    join public.orchestration_step_attempts t on t.run_id = s.run_id and t.step_id = s.step_id
    where s.run_id = p_run_id and s.step_id = p_step_id and t.attempt_number < s.attempt_number
      and (s.item_of is not null or t.attempt_number <= (p_reviews -> -1 ->> 'attemptNumber')::int)
    order by t.attempt_number desc limit 1);
end $$;
