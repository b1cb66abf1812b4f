-- Serialises everything that moves one run. Whoever calls it must do so in a statement of its own: one statement sees
-- one snapshot, and only a statement that begins after the lock is held sees what the last holder did. The lock is no
-- stronger than it must be: a grandchild's row refers to the root run, and would wait for whoever holds that and in
-- turn waits for the child.
create or replace function baton.lock_run(p_run_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a boundary of the record needs READ COMMITTED; this transaction is %',
      upper(current_setting('transaction_isolation')) using errcode = 'invalid_transaction_state';
  end if;
  perform from public.orchestration_runs where id = p_run_id for no key update;
end $$;
