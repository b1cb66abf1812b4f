-- The answer that an earlier call with the same id got, of a boundary without a run; null if this is the first call. Of
-- two concurrent calls with one id, the second waits here until the first has committed. The first call ends with
-- `save_boundary_answer`.
create or replace function baton.boundary_answer(p_boundary_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  insert into baton.boundaries (id, crossed_at) values (p_boundary_id, clock_timestamp()) on conflict (id) do nothing;
  return (select answer from baton.boundaries where id = p_boundary_id);
end $$;
