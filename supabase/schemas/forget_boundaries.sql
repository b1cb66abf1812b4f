-- Forgets answers that no call will ask for again: a call is repeated at once, or by a function that lives for
-- minutes. For a boundary of every minute; it neither waits nor fails.
create or replace function baton.forget_boundaries() returns void
language plpgsql volatile set search_path = '' as $$
begin
  delete from baton.boundaries where id in (
    select id from baton.boundaries where crossed_at < clock_timestamp() - interval '1 hour'
    order by crossed_at limit 1000 for update skip locked);
end $$;
