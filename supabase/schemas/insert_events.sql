-- Inserts events of a run in their order, each with the run's state, and their rows of the outbox. The caller holds the
-- run's lock, so the events' sequence numbers follow the order of commits. Answers with the effects, as effects_of has
-- them; null if there is no event, or if a later boundary delivers them.
create or replace function baton.insert_events(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_state jsonb)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  effects jsonb;
begin
  if p_events = '[]' then
    return null;
  end if;
  with run as materialized (
    select r.organization_id, g.slug, coalesce((select max(e.sequence) from public.orchestration_events e
      where e.run_id = p_run_id), 0) as last_sequence
    from public.orchestration_runs r join public.organizations g on g.id = r.organization_id where r.id = p_run_id
  ), event as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select p_run_id, run.organization_id, run.last_sequence + e.place, e.event ->> 'type', e.event -> 'data', p_state
    from run, jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, created_at, sequence, type, data
  ), ordered as (
    insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
    select id, p_run_id, 'event', sequence, p_boundary_id from event order by sequence
  )
  select jsonb_agg(jsonb_build_object('id', e.id, 'runId', p_run_id, 'kind', 'event', 'token', null, 'payload',
      baton.event_envelope(e.id, e.created_at, e.sequence, e.type, run.slug, p_state, e.data)) order by e.sequence)
    into effects from event e, run where p_boundary_id is not null;
  return effects;
end $$;
