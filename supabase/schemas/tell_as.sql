-- Writes events of a run in their order, each with how the run stands, and leaves them to be delivered. The caller
-- holds the run's lock, so the order of commits is the order of sequence numbers.
create or replace function baton.tell_as(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_standing jsonb)
returns void language plpgsql volatile set search_path = '' as $$
begin
  if p_events = '[]' then
    return;
  end if;
  with run as (
    update public.orchestration_runs set last_sequence = last_sequence + jsonb_array_length(p_events)
    where id = p_run_id returning organization_id, last_sequence - jsonb_array_length(p_events) as told
  ), event as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select p_run_id, run.organization_id, run.told + e.place, e.event ->> 'type', e.event -> 'data', p_standing
    from run, jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, sequence
  )
  insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
  select id, p_run_id, 'event', sequence, p_boundary_id from event order by sequence;
end $$;
