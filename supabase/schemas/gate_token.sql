-- The token that a release completes.
create or replace function baton.gate_token(p_payload jsonb) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select g.token from baton.gate_tokens g where g.id = (p_payload ->> 'gateId')::bigint);
end $$;
