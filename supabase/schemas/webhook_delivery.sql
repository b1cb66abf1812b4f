-- A delivery for the API.
create or replace function baton.webhook_delivery(p_delivery baton.webhook_deliveries) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object('id', p_delivery.id, 'webhookId', p_delivery.webhook_id, 'eventId', p_delivery.event_id,
    'eventType', p_delivery.event_type, 'runId', p_delivery.run_id, 'sequence', p_delivery.sequence,
    'status', p_delivery.status, 'attempts', p_delivery.attempts, 'nextAttemptAt', p_delivery.next_attempt_at,
    'responseStatus', p_delivery.response_status, 'response', p_delivery.response, 'error', p_delivery.error,
    'milliseconds', p_delivery.milliseconds, 'createdAt', p_delivery.created_at,
    'attemptedAt', p_delivery.attempted_at, 'completedAt', p_delivery.completed_at);
end $$;
