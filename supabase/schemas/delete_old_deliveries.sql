-- Deletes deliveries that are older than 30 days, at most a thousand at once.
create or replace function baton.delete_old_deliveries(p_at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  delete from baton.webhook_deliveries where id in (
    select id from baton.webhook_deliveries where created_at < p_at - interval '30 days' and lease_until is null
    order by created_at limit 1000 for update skip locked);
end $$;
