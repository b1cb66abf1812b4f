-- The token that an approval's decision completes, with the execution that waits for it; null if there is none.
create or replace function baton.newest_checkpoint_token(p_boundary_id uuid, p_delivered uuid[], p_approval_id uuid)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.strike_off(p_delivered);
  return (select jsonb_build_object('token', t.token, 'execution', t.execution)
    from baton.checkpoint_tokens t where t.approval_id = p_approval_id order by t.id desc limit 1);
end $$;
grant execute on function baton.newest_checkpoint_token to baton_approval;
