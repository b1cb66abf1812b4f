-- A webhook for the API. No database has its secret.
create or replace function baton.webhook(p_webhook baton.webhooks) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (select jsonb_build_object('id', p_webhook.id, 'organization', o.slug, 'url', p_webhook.url,
      'description', p_webhook.description, 'eventTypes', p_webhook.event_types, 'status', p_webhook.status,
      'disabledReason', p_webhook.disabled_reason, 'secretVersion', p_webhook.secret_version,
      'earlierSecretEndsAt', p_webhook.earlier_secret_ends_at, 'firstFailedAt', p_webhook.first_failed_at,
      'createdBy', p_webhook.created_by, 'createdAt', p_webhook.created_at, 'verifiedAt', p_webhook.verified_at,
      'disabledAt', p_webhook.disabled_at)
    from public.organizations o where o.id = p_webhook.organization_id);
end $$;
