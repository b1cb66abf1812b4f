-- Saves the answer of a boundary without a run for a repeated call (see boundary_answer). A refusal (null) is not
-- saved: it wrote nothing, and a repeated call may check again.
create or replace function baton.save_boundary_answer(p_boundary_id uuid, p_answer jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_answer is null then
    delete from baton.boundaries where id = p_boundary_id;
  else
    update baton.boundaries set answer = p_answer where id = p_boundary_id;
  end if;
end $$;
