-- How a run stands: what every event tells of it (docs/events). Items of a for_each step count as that one step. What an
-- abort left undone is no progress, though it is skipped.
create or replace function baton.standing(p_run_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  counts jsonb := '{"pending": 0, "queued": 0, "running": 0, "checkpoint": 0, "completed": 0, "failed": 0, "skipped": 0}';
  total bigint;
  progressed bigint;
  current jsonb := '[]';
begin
  select counts || jsonb_object_agg(s.status, s.steps), sum(s.steps), sum(s.progressed) into counts, total, progressed
  from (
    select o.status, count(*) as steps, count(*) filter (where case o.status
      when 'skipped' then o.metadata ->> 'reason' is distinct from 'aborted' else o.is_done end) as progressed
    from public.orchestration_steps o where o.run_id = p_run_id and o.item_index = -1 group by o.status
  ) as s;
  if counts @> '{"queued": 0, "running": 0, "checkpoint": 0}' is not true then
    select jsonb_agg(jsonb_build_object('id', o.step_id, 'status', o.status, 'attemptNumber', o.attempt_number)) into current
    from (
      select * from public.orchestration_steps s where s.run_id = p_run_id and s.item_index = -1
        and s.status in ('queued', 'running', 'checkpoint') order by s.step_index limit 50
    ) as o;
  end if;
  return (select jsonb_strip_nulls(jsonb_build_object(
      'id', r.id, 'rootRunId', r.root_run_id, 'parentRunId', r.parent_run_id,
      'orchestration', jsonb_build_object('name', r.definition_name, 'version', r.definition_version),
      'status', r.status, 'generation', r.generation, 'progress', trim_scale(round(progressed::numeric / greatest(total, 1), 4)),
      'steps', counts || jsonb_build_object('total', total), 'currentSteps', current))
    from public.orchestration_runs r where r.id = p_run_id);
end $$;
