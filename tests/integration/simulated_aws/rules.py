"""Rules of events for tests."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3

from local.template import ACCOUNT, REGION

PLACE = f"{REGION}:{ACCOUNT}"  # in ARNs


class RuleFixture:
    """A rule of the bus ``baton`` for the events of one source, which has the rule's name."""

    def __init__(self) -> None:
        self.events, self.sqs, self.name = boto3.client("events"), boto3.client("sqs"), f"r-{uuid.uuid4()}"
        pattern = json.dumps({"source": [self.name]})
        self.arn = self.events.put_rule(Name=self.name, EventBusName="baton", EventPattern=pattern)["RuleArn"]

    def target(self, arn: str, **more: Any) -> None:
        target: Any = {"Id": "1", "Arn": arn, **more}
        self.events.put_targets(Rule=self.name, EventBusName="baton", Targets=[target])

    def put(self, detail: dict[str, Any], source: str | None = None) -> int:
        """Puts an event on the bus. Returns how many entries failed."""
        entry: Any = {"Source": source or self.name, "DetailType": "happened", "Detail": json.dumps(detail)}
        return self.events.put_events(Entries=[{**entry, "EventBusName": "baton"}])["FailedEntryCount"]

    def queue(self) -> tuple[str, str]:
        """The URL and the ARN of a new queue."""
        name = f"q-{uuid.uuid4()}"
        return self.sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{PLACE}:{name}"

    def messages(self, url: str) -> list[Any]:
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return list(answer.get("Messages", []))
