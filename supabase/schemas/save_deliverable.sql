-- Saves the document that a step's present attempt made, if it made one.
create or replace function baton.save_deliverable(p_step public.orchestration_steps, p_deliverable jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into public.deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
    content, metadata, created_at)
  select d.id, p_step.run_id, p_step.organization_id, p_step.step_id, p_step.attempt_number, p_step.agent_slug, d.type,
    d.format, d.title, d.content, d.metadata, clock_timestamp()
  from jsonb_to_record(p_deliverable)
    as d (id uuid, type text, format text, title text, content text, metadata jsonb)
  where d.id is not null;
end $$;
