-- Those of some executions (ARNs) that the record does not know.
create or replace function baton.unknown_executions(p_executions text[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return to_jsonb(array(
    select x.arn from unnest(p_executions) with ordinality as x (arn, place)
    where not exists (select from baton.executions e where e.arn = x.arn) order by x.place));
end $$;
grant execute on function baton.unknown_executions to baton_reconcile;
