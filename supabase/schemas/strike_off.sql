-- Deletes delivered effects (ids) from the outbox. It skips rows that another transaction has locked; the relay
-- delivers those again, which does no harm. So it neither waits nor fails.
create or replace function baton.strike_off(p_delivered uuid[]) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_delivered <> '{}' then
    delete from baton.outbox where id in (
      select id from baton.outbox where id = any (p_delivered) for update skip locked);
  end if;
end $$;
