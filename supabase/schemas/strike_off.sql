-- Takes effects (ids) that were delivered out of the outbox. What somebody else holds stays; the relay delivers it
-- again, which does no harm. So this neither waits nor fails.
create or replace function baton.strike_off(p_delivered uuid[]) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_delivered <> '{}' then
    delete from baton.outbox where id in (
      select id from baton.outbox where id = any (p_delivered) for update skip locked);
  end if;
end $$;
