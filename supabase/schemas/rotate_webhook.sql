-- Gives a webhook its next secret. The one before signs as well for a day, and so do those that signed until now, up to
-- four: the receiver may have any of them if the answer to an earlier rotation was lost. Null: there is no such
-- webhook, or the caller is not an admin of its organisation.
create or replace function baton.rotate_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
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
      update baton.webhooks h set secret_version = h.secret_version + 1,
        earlier_secret_version = case when h.earlier_secret_ends_at > clock_timestamp()
          then greatest(h.earlier_secret_version, h.secret_version - 3) else h.secret_version end,
        earlier_secret_ends_at = clock_timestamp() + interval '1 day'
      where h.id = w.id returning * into w;
      answer := baton.webhook(w);
    end if;
    perform baton.save_boundary_answer(p_boundary_id, answer);
  end if;
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.rotate_webhook to baton_api;
