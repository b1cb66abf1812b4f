-- What advance_run and insert_events need to know of a run, read at once. `state` is the run as every event contains it
-- (docs/events). A for_each step counts as one step, without its items. Steps that an abort skipped do not count as
-- progress. `last_sequence` is the number of the last event.
create or replace function baton.run_state(p_run_id uuid, out state jsonb, out organization_id uuid,
  out organization text, out last_sequence bigint, out has_waiting_gates boolean)
language plpgsql stable set search_path = '' as $$
begin
  select jsonb_strip_nulls(jsonb_build_object(
      'id', r.id, 'rootRunId', r.root_run_id, 'parentRunId', r.parent_run_id,
      'orchestration', jsonb_build_object('name', r.definition_name, 'version', r.definition_version),
      'status', r.status, 'generation', r.generation,
      'progress', trim_scale(round(s.progressed::numeric / greatest(s.total, 1), 4)),
      'steps', jsonb_build_object('total', s.total, 'pending', s.pending, 'queued', s.queued, 'running', s.running,
        'checkpoint', s.checkpoint, 'completed', s.completed, 'failed', s.failed, 'skipped', s.skipped),
      'currentSteps', coalesce(jsonb_path_query_array(s.current, '$[0 to 49]'), '[]'))),
    r.organization_id, g.slug,
    coalesce((select max(e.sequence) from public.orchestration_events e where e.run_id = r.id), 0),
    exists (select from baton.gate_tokens t where t.run_id = r.id and t.released_at is null)
    into state, organization_id, organization, last_sequence, has_waiting_gates
  from public.orchestration_runs r join public.organizations g on g.id = r.organization_id, lateral (
    select count(*) as total,
      count(*) filter (where o.status = 'pending') as pending,
      count(*) filter (where o.status = 'queued') as queued,
      count(*) filter (where o.status = 'running') as running,
      count(*) filter (where o.status = 'checkpoint') as checkpoint,
      count(*) filter (where o.status = 'completed') as completed,
      count(*) filter (where o.status = 'failed') as failed,
      count(*) filter (where o.status = 'skipped') as skipped,
      count(*) filter (where o.is_done and o.skip_reason is distinct from 'aborted') as progressed,
      jsonb_agg(jsonb_build_object('id', o.step_id, 'status', o.status, 'attemptNumber', o.attempt_number)
        order by o.step_index) filter (where o.is_open and o.status <> 'pending') as current
    from public.orchestration_steps o where o.run_id = r.id and o.item_index = -1
  ) as s
  where r.id = p_run_id;
end $$;
