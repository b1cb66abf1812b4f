-- Writes events of a run (an array of what `event` makes), in their order, each with how the run stands, and leaves them
-- to be delivered. The caller holds the run's lock, so the order of commits is the order of sequence numbers.
create or replace function baton.tell(p_run_id uuid, p_boundary_id uuid, p_events jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  standing jsonb;
begin
  if p_events = '[]' then
    return;
  end if;
  standing := baton.standing(p_run_id);
  with run as (
    update public.orchestration_runs set last_sequence = last_sequence + jsonb_array_length(p_events)
    where id = p_run_id returning id, organization_id, last_sequence - jsonb_array_length(p_events) as told_before
  ), told as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select run.id, run.organization_id, run.told_before + e.place, e.event ->> 'type', e.event -> 'data', standing
    from run, jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, run_id, sequence
  )
  insert into baton.outbox (id, run_id, kind, boundary_id)
  select id, run_id, 'event', p_boundary_id from told order by sequence;
end $$;
