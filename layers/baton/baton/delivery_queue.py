"""The queue of deliveries to webhooks: a message names a delivery, and nothing else."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from baton.clients import CREATION_LOCK, SHORT_CALLS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_log = logging.getLogger(__name__)

_MESSAGES_A_CALL = 10  # what SendMessageBatch takes


class DeliveryQueue:
    """Implements ``ports.webhooks.DeliveryQueue``."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> SQSClient:
        import boto3  # made on first use, as in ``engine``
        from botocore.config import Config

        with CREATION_LOCK:
            return boto3.client("sqs", config=Config(**SHORT_CALLS))

    def send(self, delivery_ids: Sequence[str], *, delay_seconds: float = 0) -> None:
        """Sends a message for each delivery, which comes after ``delay_seconds`` (at most 900). A failure raises no
        error: the relay sends the message later."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._send(delivery_ids, math.ceil(delay_seconds))
        except (BotoCoreError, ClientError):
            _log.warning("messages of deliveries are left to the relay", exc_info=True)

    def _send(self, delivery_ids: Sequence[str], delay_seconds: int) -> None:
        for start in range(0, len(delivery_ids), _MESSAGES_A_CALL):
            answer = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(place),
                        "MessageBody": json.dumps({"deliveryId": delivery_id}),
                        "DelaySeconds": delay_seconds,
                    }
                    for place, delivery_id in enumerate(delivery_ids[start : start + _MESSAGES_A_CALL])
                ],
            )
            if refused := answer.get("Failed"):
                _log.warning("messages of deliveries are left to the relay", extra={"refused": refused})
