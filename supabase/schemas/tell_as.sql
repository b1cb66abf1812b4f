-- Writes events of a run in their order, each with how the run stands, and leaves them to be delivered. The caller
-- holds the run's lock, so what it finds is the last event, and the order of commits is that of sequence numbers.
create or replace function baton.tell_as(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_standing jsonb)
returns void language plpgsql volatile set search_path = '' as $$
begin
  if p_events = '[]' then
    return;
  end if;
  with run as (
    select r.organization_id, coalesce((select max(e.sequence) from public.orchestration_events e
      where e.run_id = p_run_id), 0) as told
    from public.orchestration_runs r where r.id = p_run_id
  ), event as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select p_run_id, run.organization_id, run.told + e.place, e.event ->> 'type', e.event -> 'data', p_standing
    from run, jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, sequence
  )
  insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
  select id, p_run_id, 'event', sequence, p_boundary_id from event order by sequence;
end $$;
