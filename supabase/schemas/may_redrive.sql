-- Whether a member may redrive the failed effects of a run.
create or replace function baton.may_redrive(p_run_id uuid, p_user_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.orchestration_runs r
    join baton.live_members m on m.organization_id = r.organization_id and m.user_id = p_user_id
      and m.roles && array['operator', 'admin']
    where r.id = p_run_id);
end $$;
