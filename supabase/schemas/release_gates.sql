-- Releases every gate whose step may go on: its dependencies are done and, under maxParallel, there is a place for it
-- (the longest remaining path first). A step holds a place from its admission until it is done or waits for a person.
-- The gate of a step that needs no place is released at once: its work is done, or an earlier execution has admitted it
-- and its dependencies are still done. Answers with the events to record.
create or replace function baton.release_gates(p_run_id uuid, p_boundary_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  gate record;
  places bigint;
  events jsonb := '[]';
begin
  select (r.plan ->> 'maxParallel')::int - (select count(*) from public.orchestration_steps s
      where s.run_id = r.id and s.item_index = -1 and s.status in ('queued', 'running'))
    into places from public.orchestration_runs r where r.id = p_run_id;
  for gate in
    select w.id, s.step_id, s.attempt_number, s.status = 'pending' as waits
    from (select distinct on (g.step_id) g.id, g.step_id
      from baton.gate_tokens g join public.orchestration_runs r on r.id = g.run_id
      where g.run_id = p_run_id and g.generation = r.generation and g.released_at is null
      order by g.step_id, g.id desc) as w
    join public.orchestration_steps s on s.run_id = p_run_id and s.step_id = w.step_id
    where s.status in ('checkpoint', 'completed', 'failed', 'skipped')
      or baton.are_dependencies_done(p_run_id, s.depends_on)
    order by s.status = 'pending', s.priority desc, s.step_index
  loop
    if gate.waits then
      continue when places <= 0;
      places := places - 1;
      update public.orchestration_steps set status = 'queued' where run_id = p_run_id and step_id = gate.step_id;
      events := events || baton.step_event('step.queued', gate.step_id, gate.attempt_number, '{"reason": "admitted"}');
    end if;
    update baton.gate_tokens set released_at = clock_timestamp() where id = gate.id;
    perform baton.order_effect(p_run_id, p_boundary_id, 'release',
      jsonb_build_object('stepId', gate.step_id, 'gateId', gate.id));
  end loop;
  return events;
end $$;
