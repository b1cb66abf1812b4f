-- Orders one delivery of a run's event for each active webhook of its organisation that gets such events: of all runs,
-- or as the callback of this run. Answers with the ids of those to send; that of a slow webhook whose one attempt is at
-- work needs no message, because it would find no room. A repeated event adds none. An event of an organisation without
-- an active webhook, as most are, costs one look.
create or replace function baton.fan_out_event(p_event_id uuid, p_run_id uuid, p_sequence bigint) returns setof uuid
language plpgsql volatile set search_path = '' as $$
declare
  now_at constant timestamptz := clock_timestamp();
begin
  if not exists (select from public.orchestration_runs r
    join baton.webhooks w on w.organization_id = r.organization_id and w.status = 'active' where r.id = p_run_id)
  then
    return;
  end if;
  insert into baton.webhook_deliveries (webhook_id, event_id, event_type, run_id, sequence, next_attempt_at, send_at,
    created_at)
  select w.id, e.id, e.type, e.run_id, e.sequence, now_at, now_at + case when w.slow_until > now_at and exists (
    select from baton.webhook_deliveries d where d.webhook_id = w.id and d.lease_until > now_at)
    then interval '0' else interval '60 seconds' end, now_at
  from public.orchestration_events e
  join public.orchestration_runs r on r.id = e.run_id
  join baton.webhooks w on w.organization_id = e.organization_id and w.status = 'active'
  where e.run_id = p_run_id and e.sequence = p_sequence and e.id = p_event_id
    and (w.event_types is null or e.type = any (w.event_types)
      or (r.options #>> '{callback,webhookId}' = w.id::text and r.options #> '{callback,events}' ? e.type))
  on conflict (webhook_id, event_id) do nothing;
  return query select d.id from baton.webhook_deliveries d
    where d.run_id = p_run_id and d.event_id = p_event_id and d.status = 'pending' and d.attempts = 0
      and d.send_at > now_at order by d.id;
end $$;
