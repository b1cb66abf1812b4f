-- Changes a webhook: `url`, `description`, `eventTypes` (null: all) and `enabled`, each if it is among the changes.
-- With another URL, or enabled again, it is unverified until it answers a ping. Null: there is no such webhook, or the
-- caller is not an admin of its organisation.
create or replace function baton.update_webhook(p_boundary_id uuid, p_delivered uuid[], p_user_id uuid,
  p_organization text, p_webhook_id uuid, p_changes jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
  now_at timestamptz;
  answer jsonb;
  w baton.webhooks;
  outcome text;
begin
  perform from public.organizations o where o.slug = p_organization for no key update;
  w := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
  perform baton.lock_webhook(w.id);
  now_at := clock_timestamp();
  answer := baton.boundary_answer(p_boundary_id);
  if answer is null and w.id is not null then
    w := baton.webhook_of(p_organization, p_user_id, p_webhook_id);
    outcome := case when exists (select from baton.webhooks h where h.organization_id = w.organization_id
      and h.url = p_changes ->> 'url' and h.id <> w.id) then 'url_taken' else 'updated' end;
    if outcome = 'updated' then
      update baton.webhooks h set description = coalesce(p_changes ->> 'description', h.description),
        event_types = case when not p_changes ? 'eventTypes' then h.event_types
          when jsonb_typeof(p_changes -> 'eventTypes') = 'array'
          then array(select jsonb_array_elements_text(p_changes -> 'eventTypes')) end
      where h.id = w.id;
      perform baton.switch_webhook(w, p_changes ->> 'url', (p_changes ->> 'enabled')::boolean, now_at);
    end if;
    select * into w from baton.webhooks h where h.id = w.id;
    answer := jsonb_build_object('outcome', outcome, 'webhook', baton.webhook(w));
  end if;
  perform baton.save_boundary_answer(p_boundary_id, answer);
  perform baton.strike_off(p_delivered);
  return answer;
end $$;
grant execute on function baton.update_webhook to baton_api;
