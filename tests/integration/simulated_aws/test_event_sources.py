"""Queues as event sources: a function gets messages, and those whose work failed go to the dead-letter queue."""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import boto3
import pytest
from moto.sqs.models import Queue as SimulatedQueue

from local import moto_fixes
from local.event_sources import EventSources, processed
from local.runtime import InvocationResult
from local.stack import Stack
from local.template import Deployment, EventSource
from tests.integration.waiting import PATIENCE, wait_until

NOTHING: Any = {field.name: () for field in fields(Deployment)}  # a template without resources


class FakeRuntime:
    """Notes the bodies of the messages of each call; ``answer`` makes the result of a call."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self.answer: Callable[[list[Mapping[str, Any]]], InvocationResult] = lambda records: InvocationResult("null")

    def invoke(self, name: str, event: str) -> InvocationResult:
        records = json.loads(event)["Records"]
        result = self.answer(records)
        self.calls.put([record["body"] for record in records])
        return result


class SourceFixture:
    """A queue with a dead-letter queue, and a function that processes its messages."""

    def __init__(self, runtime: FakeRuntime, name: str, visibility: int) -> None:
        self.sqs, self.runtime = boto3.client("sqs"), runtime
        self.stop: Callable[[], None] = lambda: None
        self.dead = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}-dead"
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
        attributes = {"VisibilityTimeout": str(visibility), "RedrivePolicy": policy}
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def send(self, *bodies: str, delay: int = 0) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, DelaySeconds=delay)

    def next_call(self) -> list[str]:
        return self.runtime.calls.get(timeout=PATIENCE)

    def left(self) -> int:
        """Messages in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(count) for count in found.values())

    def dead_letters(self) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in answer.get("Messages", [])]


@pytest.fixture
def source(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceFixture]:
    runtime, name = FakeRuntime(), f"q-{uuid.uuid4()}"
    fixture = SourceFixture(runtime, name, visibility=1)
    deployment = Deployment(**{**NOTHING, "event_sources": (EventSource(name, "f", batch=10, at_once=2),)})
    sources = EventSources(deployment, runtime, fixture.sqs)  # type: ignore[arg-type]
    monkeypatch.setattr(SimulatedQueue, "add_message", SimulatedQueue.add_message)  # put back after the test
    moto_fixes.report_messages(sources.arrived)
    sources.start()
    fixture.stop = sources.stop
    yield fixture
    sources.stop()


def test_a_function_gets_a_message_and_the_processed_message_is_deleted(source: SourceFixture) -> None:
    source.send("one")
    assert source.next_call() == ["one"]
    wait_until(lambda: source.left() == 0)
    assert source.dead_letters() == []


def test_a_delayed_message_comes_later(source: SourceFixture) -> None:
    source.send("later", delay=1)
    source.send("now")
    assert [source.next_call(), source.next_call()] == [["now"], ["later"]]


def test_a_message_that_cannot_be_processed_comes_again_and_then_goes_to_the_dead_letter_queue(
    source: SourceFixture,
) -> None:
    source.runtime.answer = lambda records: InvocationResult('{"errorType": "Crash"}', is_error=True)
    source.send("bad")
    assert [source.next_call(), source.next_call()] == [["bad"]] * 2
    wait_until(lambda: source.dead_letters() == ["bad"])
    assert source.runtime.calls.empty()


def test_a_call_under_way_leaves_the_queue_alone_once_the_source_has_stopped(source: SourceFixture) -> None:
    begun, released = threading.Event(), threading.Event()

    def answer(records: list[Mapping[str, Any]]) -> InvocationResult:
        begun.set()
        released.wait(PATIENCE)
        return InvocationResult("null")

    source.runtime.answer = answer
    source.send("one")
    assert begun.wait(PATIENCE)
    source.stop()
    (call,) = [thread for thread in threading.enumerate() if thread.name.startswith("call for q-")]
    released.set()
    call.join(PATIENCE)
    assert (source.next_call(), source.left()) == (["one"], 1)


def test_an_answer_names_the_messages_that_failed() -> None:
    messages = [{"MessageId": name} for name in "abc"]
    answer = InvocationResult(json.dumps({"batchItemFailures": [{"itemIdentifier": "b"}]}))
    assert processed(messages, answer) == [{"MessageId": "a"}, {"MessageId": "c"}]
    assert processed(messages, InvocationResult("null")) == messages
    assert processed(messages, InvocationResult("{}", is_error=True)) == []
