-- The data of an event as it is put on the bus: texts of people and agents, also those in its objects, end after a
-- thousand characters, so that no event outgrows EventBridge. The record keeps all of them.
create or replace function baton.in_brief(p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if length(p_data::text) <= 1000 then
    return p_data;
  end if;
  return (select jsonb_object_agg(d.key, case
      when jsonb_typeof(d.value) = 'object' then baton.in_brief(d.value)
      when jsonb_typeof(d.value) = 'string' and length(d.value #>> '{}') > 1000 then
        to_jsonb(left(d.value #>> '{}', 999) || '…')
      else d.value end)
    from jsonb_each(p_data) as d);
end $$;
