-- Deletes answers that no call can ask for any more: a call is repeated within minutes. A boundary calls this every
-- minute, so it skips locked rows.
create or replace function baton.delete_old_boundaries() returns void
language plpgsql volatile set search_path = '' as $$
begin
  delete from baton.boundaries where id in (
    select id from baton.boundaries where crossed_at < clock_timestamp() - interval '1 hour'
    order by crossed_at limit 1000 for update skip locked);
end $$;
