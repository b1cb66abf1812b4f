-- Ends the open items of a step that its run goes on without, and their attempts. With `p_itself`, it also ends the
-- step and its attempt.
create or replace function baton.close_step(p_run_id uuid, p_step_id text, p_error jsonb, p_itself boolean)
returns void language plpgsql volatile set search_path = '' as $$
declare
  now_at timestamptz := clock_timestamp();
begin
  update public.orchestration_step_attempts a set status = 'failed', ended_at = now_at, error = p_error
  from public.orchestration_steps s
  where s.run_id = p_run_id and (s.item_of = p_step_id or (p_itself and s.step_id = p_step_id))
    and a.run_id = s.run_id and a.step_id = s.step_id and a.status = 'running';
  update public.orchestration_steps s set status = case when s.item_of is null then 'failed' else 'skipped' end,
    skip_reason = case when s.item_of is not null then 'abandoned' end, completed_at = now_at,
    error = coalesce(s.error, p_error)
  where s.run_id = p_run_id and (s.item_of = p_step_id or (p_itself and s.step_id = p_step_id)) and s.is_open;
end $$;
