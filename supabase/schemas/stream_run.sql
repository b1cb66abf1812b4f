-- The state of a run for a member who follows it, the number of its last event, and whether something other than a
-- person is at work on it or on its open child runs. That is so if a step is running, unless it waits for its child
-- run; is queued; is pending with all its dependencies done, unless it waits at its gate for a place; or waits for a
-- checkpoint whose approval is not open yet. Null: there is no such run, or the caller is not a member.
create or replace function baton.stream_run(p_user_id uuid, p_run_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (with recursive tree as (
      select r.id, r.status, r.is_open, r.generation, r.parent_run_id, r.parent_step_id, r.parent_attempt
      from public.orchestration_runs r
      join baton.live_members m on m.organization_id = r.organization_id and m.user_id = p_user_id
      where r.id = p_run_id
      union all
      select c.id, c.status, c.is_open, c.generation, c.parent_run_id, c.parent_step_id, c.parent_attempt
      from tree join public.orchestration_runs c on c.parent_run_id = tree.id
      where c.is_open
    )
    select jsonb_build_object('status', tree.status,
      'lastSequence', coalesce((select max(e.sequence) from public.orchestration_events e where e.run_id = tree.id), 0),
      'atWork', tree.is_open and exists (
        select from tree part join public.orchestration_steps s on s.run_id = part.id
        where case s.status
          when 'queued' then true
          when 'running' then not exists (select from tree child where child.parent_run_id = s.run_id
            and child.parent_step_id = s.step_id and child.parent_attempt = s.attempt_number)
          when 'checkpoint' then not exists (select from public.human_approvals a
            where a.run_id = s.run_id and a.step_id = s.step_id and a.status = 'pending')
          when 'pending' then baton.are_dependencies_done(s.run_id, s.depends_on)
            and not exists (select from baton.gate_tokens g
              where g.run_id = s.run_id and g.step_id = s.step_id and g.generation = part.generation
              and g.released_at is null) end))
    from tree where tree.id = p_run_id);
end $$;
grant execute on function baton.stream_run to baton_stream;
