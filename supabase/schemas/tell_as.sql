-- Writes events of a run in their order, each with how the run stands, and leaves them to be delivered. The caller holds
-- the run's lock, so the order of commits is the order of sequence numbers.
create or replace function baton.tell_as(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_standing jsonb) returns void
language plpgsql volatile set search_path = '' as $$
declare
  r record;
  event jsonb;
  event_id uuid;
begin
  update public.orchestration_runs set last_sequence = last_sequence + jsonb_array_length(p_events)
  where id = p_run_id and p_events <> '[]'
  returning organization_id, last_sequence - jsonb_array_length(p_events) as sequence into r;
  for event in select * from jsonb_array_elements(p_events) loop
    r.sequence := r.sequence + 1;
    event_id := gen_random_uuid();
    insert into public.orchestration_events (id, run_id, organization_id, sequence, type, data, run)
    values (event_id, p_run_id, r.organization_id, r.sequence, event ->> 'type', event -> 'data', p_standing);
    insert into baton.outbox (id, run_id, kind, boundary_id) values (event_id, p_run_id, 'event', p_boundary_id);
  end loop;
end $$;
