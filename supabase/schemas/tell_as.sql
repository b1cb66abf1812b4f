-- Writes events of a run in their order, each with how the run stands, and leaves them to be delivered. The caller
-- holds the run's lock, so what it finds is the last event, and the order of commits is that of sequence numbers.
-- Answers with the effects that it left, as `effects_of` has them; null if there was nothing to tell, or if a later
-- boundary is to deliver it.
create or replace function baton.tell_as(p_run_id uuid, p_boundary_id uuid, p_events jsonb, p_standing jsonb)
returns jsonb language plpgsql volatile set search_path = '' as $$
declare
  effects jsonb;
begin
  if p_events = '[]' then
    return null;
  end if;
  with run as materialized (
    select r.organization_id, g.slug, coalesce((select max(e.sequence) from public.orchestration_events e
      where e.run_id = p_run_id), 0) as told
    from public.orchestration_runs r join public.organizations g on g.id = r.organization_id where r.id = p_run_id
  ), event as (
    insert into public.orchestration_events (run_id, organization_id, sequence, type, data, run)
    select p_run_id, run.organization_id, run.told + e.place, e.event ->> 'type', e.event -> 'data', p_standing
    from run, jsonb_array_elements(p_events) with ordinality as e (event, place)
    returning id, created_at, sequence, type, data
  ), ordered as (
    insert into baton.outbox (id, run_id, kind, sequence, boundary_id)
    select id, p_run_id, 'event', sequence, p_boundary_id from event order by sequence
  )
  select jsonb_agg(jsonb_build_object('id', e.id, 'runId', p_run_id, 'kind', 'event', 'token', null, 'payload',
      baton.envelope(e.id, e.created_at, e.sequence, e.type, run.slug, p_standing, e.data)) order by e.sequence)
    into effects from event e, run where p_boundary_id is not null;
  return effects;
end $$;
