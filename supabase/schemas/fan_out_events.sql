-- Orders the deliveries of events, [{id, runId, sequence}]. Answers with those to send: {"deliveries": [id]}.
create or replace function baton.fan_out_events(p_boundary_id uuid, p_delivered uuid[], p_events jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  deliveries jsonb;
begin
  select coalesce(jsonb_agg(delivery), '[]') into deliveries
  from jsonb_to_recordset(p_events) as t (id uuid, "runId" uuid, sequence bigint),
    baton.fan_out_event(t.id, t."runId", t.sequence) as delivery;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('deliveries', deliveries);
end $$;
grant execute on function baton.fan_out_events to baton_webhook;
