-- The bytes that a row takes in the answer of a Lambda function (see encoded_bytes); never fewer. What `omitted` says
-- about a value is there with its pointer and its URL, in which a letter takes three times its bytes.
create or replace function baton.answer_bytes(p_row jsonb) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return baton.encoded_bytes(p_row::text) + case when p_row -> 'omitted' is null then 0
    else 3 * baton.encoded_bytes((p_row -> 'omitted')::text) + 100 * jsonb_array_length(p_row -> 'omitted') end;
end $$;
grant execute on function baton.answer_bytes to baton_api, baton_stream;
