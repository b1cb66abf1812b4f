-- The token that a decision completes: the newest of its approval.
create or replace function baton.checkpoint_token(p_payload jsonb) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select t.token from baton.checkpoint_tokens t where t.approval_id = (p_payload ->> 'approvalId')::uuid
    order by t.id desc limit 1);
end $$;
