-- The data of an event for the bus. Every text, also in objects and lists, is cut after a thousand characters, so that
-- the event stays within EventBridge's limit. The record keeps the full texts.
create or replace function baton.shorten_event_data(p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if length(p_data::text) <= 1000 then
    return p_data;
  end if;
  return case jsonb_typeof(p_data)
    when 'object' then (select jsonb_object_agg(d.key, baton.shorten_event_data(d.value)) from jsonb_each(p_data) as d)
    when 'array' then (select jsonb_agg(baton.shorten_event_data(d.value) order by d.place)
      from jsonb_array_elements(p_data) with ordinality as d (value, place))
    when 'string' then case when length(p_data #>> '{}') <= 1000 then p_data
      else to_jsonb(left(p_data #>> '{}', 999) || '…') end
    else p_data end;
end $$;
