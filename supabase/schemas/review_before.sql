-- The last of a step's reviews that asked for an attempt before this one was made; null: there is none.
create or replace function baton.review_before(p_reviews jsonb, p_attempt_number integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_path_query_array(p_reviews,
    '$[*] ? (!exists(@.attemptNumber) || @.attemptNumber == null || @.attemptNumber < $attempt)',
    jsonb_build_object('attempt', p_attempt_number)) -> -1;
end $$;
grant execute on function baton.review_before to baton_api;
