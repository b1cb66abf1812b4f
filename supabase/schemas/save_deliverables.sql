-- Saves the deliverables of an attempt: [{"id", "position", "name", "type", "format", "title", "content", "metadata"}].
create or replace function baton.save_deliverables(p_run_id uuid, p_step_id text, p_attempt_number integer,
  p_deliverables jsonb) returns void language plpgsql volatile set search_path = '' as $$
begin
  insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format,
    position, name, title, content, metadata, created_at)
  select d.id, s.run_id, s.organization_id, s.step_id, p_attempt_number, s.agent_slug, d.type, d.format, d.position,
    d.name, d.title, d.content, d.metadata, clock_timestamp()
  from public.orchestration_steps s, jsonb_to_recordset(p_deliverables)
    as d (id uuid, type text, format text, position integer, name text, title text, content text, metadata jsonb)
  where s.run_id = p_run_id and s.step_id = p_step_id;
end $$;
