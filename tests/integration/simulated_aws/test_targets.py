"""Targets of event rules: state machines, and queues that are gone. Replays, and what a queue reports."""

from __future__ import annotations

import json
import queue
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.sqs.models import Queue

from local import moto_fixes
from tests.integration.simulated_aws.machines import PASSING, ROLE, create_machine, end
from tests.integration.simulated_aws.rules import PLACE, RuleFixture


@pytest.fixture
def machine(states: Any) -> str:
    return create_machine(states, PASSING)


def inputs(states: Any, machine: str) -> list[Any]:
    arns = [one["executionArn"] for one in states.list_executions(stateMachineArn=machine)["executions"]]
    return [json.loads(end(states, arn)["input"]) for arn in arns]


def test_a_rule_starts_a_state_machine_with_the_event(states: Any, rule: RuleFixture, machine: str) -> None:
    rule.target(machine, RoleArn=ROLE)
    assert (rule.put({"n": 1}), rule.put({"n": 2}, source="another")) == (0, 0)
    [event] = inputs(states, machine)
    assert (event["source"], event["detail-type"], event["detail"]) == (rule.name, "happened", {"n": 1})


def test_a_transformer_makes_the_input_of_the_state_machine(states: Any, rule: RuleFixture, machine: str) -> None:
    transformer = {
        "InputPathsMap": {"id": "$.id", "day": "$.detail.day", "names": "$.detail.names"},
        "InputTemplate": '{"idempotencyKey": "event <id>", "parameters": {"end_date": <day>, "kpi_names": <names>}}',
    }
    rule.target(machine, RoleArn=ROLE, InputTransformer=transformer)
    rule.put({"day": "2024-07-01", "names": ["revenue"]})
    [made] = inputs(states, machine)
    assert uuid.UUID(made.pop("idempotencyKey").removeprefix("event "))
    assert made == {"parameters": {"end_date": "2024-07-01", "kpi_names": ["revenue"]}}


def test_a_constant_input_stands_for_the_event(states: Any, rule: RuleFixture, machine: str) -> None:
    rule.target(machine, RoleArn=ROLE, Input='{"organization": "demo"}')
    rule.put({})
    assert inputs(states, machine) == [{"organization": "demo"}]


def test_an_event_for_a_queue_that_is_gone_is_in_the_dead_letter_queue(rule: RuleFixture) -> None:
    (gone, target), (dead, dead_arn) = rule.queue(), rule.queue()
    rule.target(target, DeadLetterConfig={"Arn": dead_arn})
    rule.put({"n": 1})
    rule.sqs.delete_queue(QueueUrl=gone)
    assert rule.put({"n": 2}) == 0
    [letter] = rule.messages(dead)
    assert json.loads(letter["Body"])["detail"] == {"n": 2}
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes == {"RULE_ARN": rule.arn, "TARGET_ARN": target, "ERROR_CODE": "NO_RESOURCE"}


def test_an_event_for_a_queue_that_is_gone_does_not_hurt_its_sender(rule: RuleFixture) -> None:
    gone, target = rule.queue()
    rule.target(target)
    rule.sqs.delete_queue(QueueUrl=gone)
    assert rule.put({}) == 0


def test_a_queue_reports_every_message(rule: RuleFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "add_message", Queue.add_message)  # put back after the test
    arrived: queue.SimpleQueue[str] = queue.SimpleQueue()
    moto_fixes.report_messages(arrived.put)
    url, arn = rule.queue()
    name = arn.rpartition(":")[2]
    rule.target(arn)
    rule.put({"n": 1})
    rule.sqs.send_message(QueueUrl=url, MessageBody="2")
    rule.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": text, "MessageBody": text} for text in "34"])
    reported = [arrived.get_nowait() for _ in range(arrived.qsize())]
    assert reported.count(name) == 4
    assert len(rule.messages(url)) == 4


def test_a_replay_sends_the_events_of_its_span_through_the_rules_that_it_names(rule: RuleFixture) -> None:
    another = RuleFixture()
    both = json.dumps({"source": [rule.name, another.name]})
    urls = []
    for one in (rule, another):
        one.events.put_rule(Name=one.name, EventBusName="baton", EventPattern=both)
        url, arn = one.queue()
        one.target(arn)
        urls.append(url)
    bus = "arn:aws:events:" + PLACE + ":event-bus/baton"
    archive = rule.events.create_archive(ArchiveName=rule.name, EventSourceArn=bus)["ArchiveArn"]
    rule.put({"n": 1})
    [[first], _] = [rule.messages(url) for url in urls]
    time = datetime.fromisoformat(json.loads(first["Body"])["time"])

    def replay(start: datetime, end: datetime, **filter_arns: Any) -> list[int]:
        """How many events each queue got."""
        destination: Any = {"Arn": bus, **filter_arns}
        name = f"r-{uuid.uuid4()}"
        rule.events.start_replay(
            ReplayName=name, EventSourceArn=archive, EventStartTime=start, EventEndTime=end, Destination=destination
        )
        assert rule.events.describe_replay(ReplayName=name)["State"] == "COMPLETED"
        return [len(rule.messages(url)) for url in urls]

    second = timedelta(seconds=1)
    assert replay(time, time + second, FilterArns=[rule.arn]) == [1, 0]
    assert replay(time, time + second) == [1, 1]
    assert replay(time - second, time) == replay(time + second, time + 2 * second) == [0, 0]
    rule.events.delete_archive(ArchiveName=rule.name)
