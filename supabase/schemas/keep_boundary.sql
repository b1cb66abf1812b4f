-- Keeps the answer of a boundary of no run for a repeated call (see answered). Of a refusal, null, nothing is kept:
-- it wrote nothing, and a repeated call may look again.
create or replace function baton.keep_boundary(p_boundary_id uuid, p_answer jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_answer is null then
    delete from baton.boundaries where id = p_boundary_id;
  else
    update baton.boundaries set answer = p_answer where id = p_boundary_id;
  end if;
end $$;
