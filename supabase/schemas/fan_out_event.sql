-- Orders one delivery of a run's event for each active webhook of its organisation that gets such events: of all runs,
-- or as the callback of this run. Answers with those to send: {"deliveries": [id]}. A repeated event adds none.
create or replace function baton.fan_out_event(p_boundary_id uuid, p_delivered uuid[], p_event_id uuid, p_run_id uuid,
  p_sequence bigint) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz := clock_timestamp();
begin
  insert into baton.webhook_deliveries (webhook_id, event_id, event_type, run_id, sequence, next_attempt_at, send_at,
    created_at)
  select w.id, e.id, e.type, e.run_id, e.sequence, now_at, now_at + interval '60 seconds', now_at
  from public.orchestration_events e
  join public.orchestration_runs r on r.id = e.run_id
  join baton.webhooks w on w.organization_id = e.organization_id and w.status = 'active'
  where e.run_id = p_run_id and e.sequence = p_sequence and e.id = p_event_id
    and (w.event_types is null or e.type = any (w.event_types)
      or (r.options #>> '{callback,webhookId}' = w.id::text and r.options #> '{callback,events}' ? e.type))
  on conflict (webhook_id, event_id) do nothing;
  perform baton.strike_off(p_delivered);
  return jsonb_build_object('deliveries', (select coalesce(jsonb_agg(d.id order by d.id), '[]')
    from baton.webhook_deliveries d
    where d.run_id = p_run_id and d.event_id = p_event_id and d.status = 'pending' and d.attempts = 0));
end $$;
grant execute on function baton.fan_out_event to baton_webhook;
