"""Mends the targets of event rules, and replays."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import boto3
from jsonpath_ng.ext.parser import parse
from moto.core.utils import unix_time
from moto.events.models import Archive, Replay, ReplayState, Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from local.moto_fixes.methods import original_method, replace_method


def start_executions(rule: Any, event: Any) -> None:
    """Starts the state machines that are targets of the rule, if the event matches it. moto raises NotImplementedError
    for such a target."""
    if not rule.event_pattern.matches_event(event):
        return
    for target in rule.targets:
        if transformer := target.get("InputTransformer"):
            paths = transformer.get("InputPathsMap", {})
            template = _with_json_values(transformer["InputTemplate"], paths, event)
            execution_input = json.dumps(EventTemplateParser.parse(template, paths, event), default=str)
        else:
            execution_input = target.get("Input") or json.dumps(event, default=str)
        boto3.client("stepfunctions").start_execution(stateMachineArn=target["Arn"], input=execution_input)


def _with_json_values(template: str, paths: dict[str, str], event: Any) -> str:
    """The template, in which the value of each variable outside quotes is JSON. moto would insert a text without
    quotes."""

    def value_of(part: re.Match[str]) -> str:
        values = parse(paths[part["name"]]).find(event) if part["name"] in paths else []
        return json.dumps(values[0].value, default=str) if values else part[0]

    return re.sub(r'"(?:[^"\\]|\\.)*"|<(?P<name>[^<>]+)>', value_of, template)


def keep_undelivered_events() -> None:
    """If the queue of a rule is gone, moto loses the event, and the call of the sender fails. With this, the event goes
    to the target's dead-letter queue, with its rule, its target and the reason as attributes."""
    original = original_method(Rule, "_send_to_sqs_queue")

    def send_to_queue(self: Any, name: str, event: Any, group_id: str | None = None) -> None:
        try:
            original(self, name, event, group_id)
        except QueueDoesNotExist:
            [target] = [one for one in self.targets if one["Arn"].rpartition(":")[2] == name]
            letters = target.get("DeadLetterConfig", {}).get("Arn")
            if letters is None:
                return  # as on AWS, after its retries
            reason = {"RULE_ARN": self.arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": "NO_RESOURCE"}
            sqs_backends[self.account_id][self.region_name].send_message(
                queue_name=letters.rpartition(":")[2],
                message_body=json.dumps(event, default=str),
                message_attributes={key: {"DataType": "String", "StringValue": value} for key, value in reason.items()},
            )

    replace_method(Rule, "_send_to_sqs_queue", send_to_queue)


def replay_what_was_asked_for() -> None:
    """moto replays the whole archive through all rules of the bus. With this, a replay sends the events of its span of
    time through the rules that it names."""

    def replay_events(self: Any, archive: Archive) -> None:
        bus = events_backends[self.account_id][self.region].describe_event_bus(
            self.destination["Arn"].rpartition("/")[2]
        )
        named = self.destination.get("FilterArns")
        rules = [rule for rule in bus.rules.values() if not named or rule.arn in named]
        for event in list(archive.events):
            if self.event_start_time <= float(event["time"]) < self.event_end_time:
                replayed: Any = {**event, "id": str(uuid.uuid4()), "replay-name": self.name}
                for rule in rules:
                    rule.send_to_targets(replayed, transform_input=False)
        self.state, self.end_time = ReplayState.COMPLETED, unix_time()

    replace_method(Replay, "replay_events", replay_events)
