"""Delivers events to webhooks: fans events of the bus out into deliveries, and makes one attempt of a delivery."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, invocation, logs
from baton.ports.webhooks import EventReference

_webhook = bootstrap.webhook_function()


@logs.logged
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Work off the messages of two queues: events as the bus sends them, all in one call of the record, and
    ``{"deliveryId"}``. A message whose work raised an error comes again, in the end to the dead-letter queue."""
    events: list[EventReference] = []

    def work(record: SQSRecord) -> None:
        message = json.loads(record.body)
        if "deliveryId" in message:
            invocation.tell(**_webhook.attempt(message["deliveryId"]))
        else:
            events.append(EventReference.of(message["detail"]))

    answer = process_partial_response(event, work, BatchProcessor(EventType.SQS), context)
    if events:
        invocation.tell(**_webhook.fan_out(events))
    return answer
