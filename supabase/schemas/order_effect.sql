-- Orders an effect that follows the commit (baton/outbox.py describes each kind).
create or replace function baton.order_effect(p_run_id uuid, p_boundary_id uuid, p_kind text, p_payload jsonb)
returns void language plpgsql volatile set search_path = '' as $$
begin
  insert into baton.outbox (run_id, kind, payload, boundary_id) values (p_run_id, p_kind, p_payload, p_boundary_id);
end $$;
