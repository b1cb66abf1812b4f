-- The service token with this id and secret: {"id", "live"}. A token is live while its membership exists. Null: no
-- token has this id and secret.
create or replace function baton.check_service_token(p_token_id uuid, p_secret_hash text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('id', t.id, 'live', exists (select from baton.live_members m
      where m.organization_id = t.organization_id and m.user_id = t.id and m.kind = 'machine'))
    from baton.service_tokens t where t.id = p_token_id and t.secret_hash = p_secret_hash);
end $$;
grant execute on function baton.check_service_token to baton_api, baton_stream;
