-- An event about a webhook itself: a ping, or its disabling. It belongs to no run.
create or replace function baton.webhook_event(p_id uuid, p_at timestamptz, p_type text, p_webhook baton.webhooks,
  p_data jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('version', 1, 'id', p_id,
      'time', to_char(p_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'type', p_type,
      'organization', o.slug,
      'data', jsonb_build_object('webhookId', p_webhook.id, 'description', p_webhook.description) || p_data)
    from public.organizations o where o.id = p_webhook.organization_id);
end $$;
