-- Whose token it is, by its secret: {"id", "live"}. It is good as long as its membership is there. Null: no token
-- has this id and secret.
create or replace function baton.bearer(p_token_id uuid, p_secret_hash text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('id', t.id, 'live', exists (select from baton.live_members m
      where m.organization_id = t.organization_id and m.user_id = t.id and m.kind = 'machine'))
    from baton.service_tokens t where t.id = p_token_id and t.secret_hash = p_secret_hash);
end $$;
grant execute on function baton.bearer to baton_api, baton_stream;
