-- The token that a release completes; null while the record has not released the gate.
create or replace function baton.gate_token(p_payload jsonb) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (select g.token from baton.gate_tokens g where g.id = (p_payload ->> 'gateId')::bigint
    and g.released_at is not null);
end $$;
