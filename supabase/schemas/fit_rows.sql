-- Rows (an array) that together take at most so many bytes in the answer of a Lambda function, without the largest
-- values at the patterns (see leave_out). It keeps as many values as possible. If a row has too many small values, it
-- leaves out all columns of the patterns, as wholes. Rows without values must fit.
create or replace function baton.fit_rows(p_rows jsonb, p_patterns text[], p_bytes integer) returns jsonb
language plpgsql stable strict security definer set search_path = '' as $$
declare
  fitted jsonb := p_rows;
  excess bigint;
  columns text[] := array(select distinct split_part(p.pattern, '.', 1) from unnest(p_patterns) as p (pattern));
begin
  if octet_length(fitted::text) <= p_bytes / 30 then  -- whatever the letters are, and with all that `omitted` needs
    return fitted;
  end if;
  excess := (select sum(baton.answer_bytes(r.value)) from jsonb_array_elements(fitted) as r (value)) - p_bytes;
  if excess > 0 then
    fitted := baton.without_largest(fitted, p_patterns, excess);
    excess := (select sum(baton.answer_bytes(r.value)) from jsonb_array_elements(fitted) as r (value)) - p_bytes;
  end if;
  if excess > 0 then
    fitted := (
      select jsonb_agg(case when baton.answer_bytes(r.value) <= p_bytes / jsonb_array_length(p_rows) then r.value
        else baton.without_columns(r.value, columns) end order by r.place)
      from jsonb_array_elements(fitted) with ordinality as r (value, place));
  end if;
  return fitted;
end $$;
grant execute on function baton.fit_rows to baton_api, baton_stream;
