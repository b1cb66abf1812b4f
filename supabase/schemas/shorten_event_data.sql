-- The data of an event for the bus. Every text, also in objects, is cut after a thousand characters, so that the event
-- stays within EventBridge's limit. The record keeps the full texts.
create or replace function baton.shorten_event_data(p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if length(p_data::text) <= 1000 then
    return p_data;
  end if;
  return (select jsonb_object_agg(d.key, case
      when jsonb_typeof(d.value) = 'object' then baton.shorten_event_data(d.value)
      when jsonb_typeof(d.value) = 'string' and length(d.value #>> '{}') > 1000 then
        to_jsonb(left(d.value #>> '{}', 999) || '…')
      else d.value end)
    from jsonb_each(p_data) as d);
end $$;
