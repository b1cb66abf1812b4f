-- Locks one run, so that its changes happen one after another. The caller does this in a statement of its own: only a
-- statement that begins after the lock is held sees the changes of the last holder. FOR NO KEY UPDATE is enough: a new
-- grandchild's row refers to the root run, and with a stronger lock its insert would wait for a holder that may wait
-- for the child.
create or replace function baton.lock_run(p_run_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a boundary of the record needs READ COMMITTED; this transaction is %',
      upper(current_setting('transaction_isolation')) using errcode = 'invalid_transaction_state';
  end if;
  perform from public.orchestration_runs where id = p_run_id for no key update;
end $$;
