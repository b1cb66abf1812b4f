-- Saves the deliverable of an attempt.
create or replace function baton.save_deliverable(p_run_id uuid, p_step_id text, p_attempt_number integer,
  p_deliverable jsonb) returns void language plpgsql volatile set search_path = '' as $$
begin
  insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format,
    title, content, metadata, created_at)
  select d.id, s.run_id, s.organization_id, s.step_id, p_attempt_number, s.agent_slug, d.type, d.format, d.title,
    d.content, d.metadata, clock_timestamp()
  from public.orchestration_steps s, jsonb_to_record(p_deliverable)
    as d (id uuid, type text, format text, title text, content text, metadata jsonb)
  where s.run_id = p_run_id and s.step_id = p_step_id;
end $$;
