-- How many attempts of a webhook are at work.
create or replace function baton.webhook_leases(p_webhook_id uuid, p_at timestamptz) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return (select count(*) from baton.webhook_deliveries d where d.webhook_id = p_webhook_id and d.lease_until > p_at);
end $$;
