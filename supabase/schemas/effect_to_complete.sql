-- An undelivered decision, by its effect's id, with the token that it completes; null if it has been delivered.
create or replace function baton.effect_to_complete(p_boundary_id uuid, p_delivered uuid[], p_effect_id uuid)
returns jsonb language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
  perform baton.strike_off(p_delivered);
  return (select jsonb_build_object('id', o.id, 'runId', o.run_id, 'kind', o.kind,
      'payload', baton.completion_payload(o.payload), 'token', baton.checkpoint_token(o.payload),
      'failures', o.failures)
    from baton.outbox o where o.id = p_effect_id and o.kind = 'complete');
end $$;
grant execute on function baton.effect_to_complete to baton_approval;
