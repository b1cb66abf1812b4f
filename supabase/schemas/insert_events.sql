-- Inserts events of a run in their order, each with the run's state, and their rows of the outbox. `p_run` is the run's
-- run_state under its lock, so the events' sequence numbers follow the order of commits. Answers with the effects, as
-- effects_of has them; null if there is no event, or if a later boundary delivers them. (A boundary has one event or
-- two, and plain inserts cost half of one statement for any number.)
create or replace function baton.insert_events(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_run record)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  e record;
  effects jsonb[];
begin
  for place in 0 .. jsonb_array_length(p_events) - 1 loop
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    values (p_run_id, p_run.organization_id, p_run.last_sequence + place + 1, p_events -> place ->> 'type',
      p_events -> place -> 'data', p_run.state)
    returning id, created_at, sequence, type, data into e;
    insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
    values (e.id, p_run_id, 'event', e.sequence, p_boundary_id);
    if p_boundary_id is not null then
      effects := effects || jsonb_build_object('id', e.id, 'runId', p_run_id, 'kind', 'event', 'token', null, 'payload',
        baton.event_envelope(e.id, e.created_at, e.sequence, e.type, p_run.organization, p_run.state, e.data));
    end if;
  end loop;
  return to_jsonb(effects);
end $$;
