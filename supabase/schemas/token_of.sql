-- The token that an effect completes, if `p_tokens` (see effects_of) lets it be told: that of a gate, or the newest of an
-- approval.
create or replace function baton.token_of(p_kind text, p_payload jsonb, p_tokens text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when p_kind = 'release' and p_tokens in ('gates', 'all') then (
      select g.token from baton.gate_tokens g where g.id = (p_payload ->> 'gateId')::bigint)
    when p_kind = 'complete' and p_tokens = 'all' then (
      select t.token from baton.checkpoint_tokens t where t.approval_id = (p_payload ->> 'approvalId')::uuid
      order by t.id desc limit 1)
  end;
end $$;
