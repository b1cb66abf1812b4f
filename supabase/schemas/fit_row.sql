-- A row of which no value at the patterns has more than so many bytes as JSON text (see leave_out).
create or replace function baton.fit_row(p_row jsonb, p_patterns text[], p_value_bytes integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if octet_length(p_row::text) <= p_value_bytes then
    return p_row;
  end if;
  return baton.leave_out(p_row, (select coalesce(jsonb_agg(v.path order by octet_length(v.value::text) desc), '[]')
    from baton.values_at(p_row, p_patterns) as v where octet_length(v.value::text) > p_value_bytes));
end $$;
grant execute on function baton.fit_row to baton_api, baton_stream;
