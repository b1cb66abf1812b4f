-- A row without its values at some paths (an array of arrays; null: none). See leave_out.
create or replace function baton.leave_out_all(p_row jsonb, p_paths jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  fitted jsonb := p_row;
  path text[];
begin
  for path in select array(select jsonb_array_elements_text(p.path)) from jsonb_array_elements(p_paths) as p (path) loop
    fitted := baton.leave_out(fitted, path, 0);
  end loop;
  return fitted;
end $$;
