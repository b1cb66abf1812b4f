"""Queues as event sources: Lambda calls a function with the messages of a queue, and deletes the processed messages.

A message that the function could not process is visible again after the queue's visibility time-out. After the last try
it goes to the dead-letter queue.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from local.runtime import InvocationResult, Runtime
from local.template import ACCOUNT, REGION, Deployment, EventSource

POLL_SECONDS = 1.0  # a delayed message, or one that is visible again, is found after this time at the latest

Message = Mapping[str, Any]


class EventSources:
    """The event sources of the template. Each has a thread that polls its queue every ``POLL_SECONDS``, and at once
    after ``arrived``. ``sqs`` is a client of SQS."""

    def __init__(self, deployment: Deployment, runtime: Runtime, sqs: Any) -> None:
        self._sources = [_Source(source, runtime, sqs) for source in deployment.event_sources]

    def start(self) -> None:
        for source in self._sources:
            source.start()

    def arrived(self, queue: str) -> None:
        """Must be called when a message has come into the queue with this name."""
        for source in self._sources:
            if source.queue == queue:
                source.poll()

    def stop(self) -> None:
        """Stops polling. Calls that are under way go on; their messages stay in the queue, which may end before the
        calls do."""
        for source in self._sources:
            source.stop()


class _Source:
    def __init__(self, source: EventSource, runtime: Runtime, sqs: Any) -> None:
        self.queue = source.queue
        self._source = source
        self._runtime = runtime
        self._sqs = sqs
        self._url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{source.queue}"
        self._places = threading.Semaphore(source.at_once)
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"messages of {source.queue}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def poll(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            while not self._stopped.is_set() and self._places.acquire(timeout=POLL_SECONDS):
                if not self._begin_call():
                    self._places.release()
                    break

    def _begin_call(self) -> bool:
        """Begins a call with the next messages. Returns False if there are none."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=min(self._source.batch, 10), AttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        if messages:
            name = f"call for {self.queue}"
            threading.Thread(target=self._call, args=(messages,), name=name, daemon=True).start()
        return bool(messages)

    def _call(self, messages: Sequence[Message]) -> None:
        try:
            result = self._runtime.invoke(self._source.function, json.dumps(self._event(messages)))
            for message in processed(messages, result):
                if self._stopped.is_set():
                    return
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        finally:
            self._places.release()
            self.poll()

    def _event(self, messages: Sequence[Message]) -> dict[str, Any]:
        """The event with which Lambda calls the function for these messages."""
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": message.get("Attributes", {}),
                    "messageAttributes": {},
                    "md5OfBody": message["MD5OfBody"],
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue}",
                    "awsRegion": REGION,
                }
                for message in messages
            ]
        }


def processed(messages: Sequence[Message], result: InvocationResult) -> list[Message]:
    """The messages that Lambda deletes after a call: all except those that the answer names in ``batchItemFailures``;
    none after an error."""
    if result.is_error:
        return []
    answer = json.loads(result.payload)
    failed = {one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures", ())}
    return [message for message in messages if message["MessageId"] not in failed]
