-- What a boundary of no run answered to an earlier call with its id; null if this is the first. Of two such calls
-- at once, the second waits here until the first has committed. The first ends with `keep_boundary`.
create or replace function baton.answered(p_boundary_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  insert into baton.boundaries (id, crossed_at) values (p_boundary_id, clock_timestamp()) on conflict (id) do nothing;
  return (select answer from baton.boundaries where id = p_boundary_id);
end $$;
