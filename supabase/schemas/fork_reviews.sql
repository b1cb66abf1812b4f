-- The reviews that a fork begins with: those of the source run's steps, without their attempt numbers, and one with the
-- note and the modifications for the step where the fork begins. {step_id: reviews}, as insert_steps takes it.
create or replace function baton.fork_reviews(p_source_run_id uuid, p_step_id text, p_note text, p_modifications jsonb)
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  kept jsonb;
  note jsonb := '[]';
begin
  select coalesce(jsonb_object_agg(s.step_id, (
      select jsonb_agg(review - 'attemptNumber' order by place)
      from jsonb_array_elements(s.reviews) with ordinality as r (review, place))), '{}')
    into kept
  from public.orchestration_steps s where s.run_id = p_source_run_id and s.item_index = -1 and s.reviews <> '[]';
  if p_note is not null or p_modifications <> '{}' then
    note := jsonb_build_array(jsonb_build_object('notes', p_note, 'modifications', p_modifications));
  end if;
  return kept || jsonb_build_object(p_step_id, coalesce(kept -> p_step_id, '[]') || note);
end $$;
