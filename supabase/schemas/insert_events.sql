-- Inserts events of a run in their order, each with the run's state, and their rows of the outbox. `p_run` is the run's
-- run_state, read under its lock, so the events' sequence numbers follow the order of commits. Answers with the
-- effects, as effects_of has them; null if there is no event, or if a later boundary delivers them.
create or replace function baton.insert_events(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_run record)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  effects jsonb;
begin
  with event as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select p_run_id, p_run.organization_id, p_run.last_sequence + e.place, e.event ->> 'type', e.event -> 'data',
      p_run.state
    from jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, created_at, sequence, type, data
  ), ordered as (
    insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
    select id, p_run_id, 'event', sequence, p_boundary_id from event order by sequence
  )
  select jsonb_agg(jsonb_build_object('id', e.id, 'runId', p_run_id, 'kind', 'event', 'token', null, 'payload',
      baton.event_envelope(e.id, e.created_at, e.sequence, e.type, p_run.organization, p_run.state, e.data))
      order by e.sequence)
    into effects from event e where p_boundary_id is not null;
  return effects;
end $$;
