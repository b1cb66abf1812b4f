"""The subscriber of docs/events/README.md on the stack: its commands, and the events that it receives."""

from __future__ import annotations

import json
import re
import shlex
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cli.checkout import ROOT
from local.stack import Stack
from tests.integration.stack_client import StackClient
from tests.integration.waiting import wait_until

PAGE = (ROOT / "docs" / "events" / "README.md").read_text(encoding="utf-8")
PARAMETERS = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
Call = Callable[..., Any]


def commands() -> list[tuple[str, str, dict[str, str]]]:
    """The page's calls of the AWS CLI: service, operation, options."""
    script = (
        re.sub(r"\b[A-Z]+=\$\(", "", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)))
        .replace(" text)", " text")
        .replace("\\\n", "")
    )
    calls = []
    for line in re.split(r"\n(?=aws )", script.strip()):
        _, service, operation, *options = shlex.split(line)
        assert len(options) % 2 == 0, f"every option has a value: {line}"
        calls.append((service, operation, dict(zip(options[::2], options[1::2], strict=True))))
    return calls


@pytest.fixture
def call(stack: Stack) -> Call:
    """A function that makes a call of the AWS CLI. ``changed`` replaces options."""
    env = stack.env
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")

    def call(service: str, operation: str, options: dict[str, str], **changed: str) -> Any:
        client = session.client(service, endpoint_url=env["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]
        method = operation.replace("-", "_")
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
        names = {name.lower(): name for name in shape.members}
        parameters = {}
        for option, value in options.items():
            if option in ("--query", "--output", "--endpoint-url"):
                continue
            name = names[option.replace("-", "").lower()]
            kinds = {"list": list_of, "structure": json.loads, "integer": int}
            parameters[name] = kinds.get(shape.members[name].type_name, str)(changed.get(name, value))
        return getattr(client, method)(**parameters)

    return call


def list_of(text: str) -> list[Any]:
    """A list as the AWS CLI takes it: JSON, or words."""
    return json.loads(text) if text.startswith("[") else text.split()


def receive_events(call: Call, url: str, **options: str) -> list[dict[str, Any]]:
    answer = call("sqs", "receive-message", {"--queue-url": url, **options})
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_the_subscriber_of_the_manual_gets_the_events_of_its_rule(
    stack: Stack, client: StackClient, call: Call
) -> None:
    create, rule, targets, receive, *_ = commands()
    url = call(*create)["QueueUrl"]
    call(*rule)
    assert call(*targets)["FailedEntryCount"] == 0

    run_id = client.launch("kpi-tracking", parameters=PARAMETERS)
    approval_id = client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"]
    [message] = call(*receive, QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert (event["source"], event["detail-type"]) == ("baton", "orchestration.checkpoint.requested")
    assert (event["detail"]["run"]["id"], event["detail"]["data"]["approvalId"]) == (run_id, approval_id)
    assert event["detail"]["data"]["reviewUrl"] == f"{stack.url}/orchestrations/approvals/{approval_id}"
    assert event["detail"] in client.events(run_id)


def test_a_rule_gets_only_the_events_that_match_it(client: StackClient, call: Call) -> None:
    name = f"s-{uuid.uuid4().hex[:8]}"
    patterns = {
        "everything": {"source": ["baton"]},
        "of-this-type": {"detail-type": [{"prefix": "orchestration.run."}]},
        "of-that-step": {"detail": {"data": {"stepId": ["fetch-kpi-data"], "attemptNumber": [{"numeric": [">", 1]}]}}},
        "of-nobody": {"detail": {"organization": ["acme"]}},
        "of-another": {"detail": {"run": {"orchestration": {"name": ["finance-quarterly-review"]}}}},
    }
    urls = {}
    for kind, pattern in patterns.items():
        queue = f"{name}-{kind}"
        urls[kind] = call("sqs", "create-queue", {"--queue-name": queue})["QueueUrl"]
        bus = {"--event-bus-name": "baton"}
        call("events", "put-rule", {**bus, "--name": queue, "--event-pattern": json.dumps(pattern)})
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:123456789012:{queue}"}
        call("events", "put-targets", {**bus, "--rule": queue, "--targets": json.dumps([target])})

    run_id = client.launch("kpi-tracking", parameters=PARAMETERS)
    client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"], "retry")
    client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"], "abort")
    events = client.events(run_id)
    received: dict[str, dict[str, Any]] = {kind: {} for kind in patterns}

    def all_have_come() -> bool:
        for kind, url in urls.items():
            for event in receive_events(call, url, **{"--max-number-of-messages": "10"}):
                if event["detail"]["run"]["id"] == run_id:
                    received[kind][event["detail"]["id"]] = event["detail"]
        return len(received["everything"]) >= len(events)

    wait_until(all_have_come)
    assert sorted(received["everything"].values(), key=lambda event: event["sequence"]) == events
    runs = [event for event in events if event["type"].startswith("orchestration.run.")]
    assert sorted(received["of-this-type"].values(), key=lambda event: event["sequence"]) == runs
    assert {event["data"]["attemptNumber"] for event in received["of-that-step"].values()} == {2}
    assert (received["of-nobody"], received["of-another"]) == ({}, {})


def test_an_undelivered_event_waits_in_the_dead_letter_queue_and_is_replayed(client: StackClient, call: Call) -> None:
    create, rule, targets, _, letters, show, replay = commands()
    url = call(*create)["QueueUrl"]
    call(*rule)
    call(*targets)
    call("sqs", "delete-queue", {"--queue-url": url})
    run_id = client.launch("kpi-tracking", parameters=PARAMETERS)
    approval_id = client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"]
    lost_url = call(*letters)["QueueUrl"]

    [message] = call(*show, QueueUrl=lost_url)["Messages"]
    reasons = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert reasons["RULE_ARN"].endswith(":rule/baton/reviews")
    assert reasons["TARGET_ARN"] == "arn:aws:sqs:us-east-1:123456789012:reviews"
    lost = json.loads(message["Body"])["detail"]
    assert (lost["run"]["id"], lost["data"]["approvalId"]) == (run_id, approval_id)

    url = call(*create)["QueueUrl"]
    happened = datetime.fromisoformat(json.loads(message["Body"])["time"])
    call(*replay, EventStartTime=happened.isoformat(), EventEndTime=(happened + timedelta(seconds=1)).isoformat())
    replayed = receive_events(call, url, **{"--max-number-of-messages": "10"})
    assert lost in [event["detail"] for event in replayed]
    assert {event["replay-name"] for event in replayed} == {"reviews-again"}
    call("events", "remove-targets", {"--event-bus-name": "baton", "--rule": "reviews", "--ids": '["queue"]'})
