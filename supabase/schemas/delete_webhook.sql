-- Deletes a webhook and its deliveries. Null: there is no such webhook, or the caller is not an admin of its
-- organisation.
create or replace function baton.delete_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_webhook_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  answer jsonb;
  w baton.webhooks;
begin
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null then
    w := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
    if w.id is not null then
      delete from baton.webhooks where id = w.id;
      answer := baton.webhook(w);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.delete_webhook to baton_api;
