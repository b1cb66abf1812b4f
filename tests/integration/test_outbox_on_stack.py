"""Effects on the whole stack: each event is sent once; failed effects are listed, logged, redriven and delivered by the
relay."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from cli import main as command
from local.stack import Stack
from tests.integration.stack_client import StackClient, checkpoint, step
from tests.integration.waiting import wait_until


@pytest.fixture
def stuck_effect(stack: Stack, client: StackClient) -> str:
    """The id of an effect that starts an unknown machine. It has failed four times, and now a fifth time."""
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    [(effect_id,)] = client.rows(
        "insert into baton.outbox (run_id, kind, payload, failures, available_at)"
        """ values (%s, 'start', '{"machine": "not-there", "generation": 1}', 4, now()) returning id::text""",
        run_id,
    )
    sweep(stack)
    return str(effect_id)


def sweep(stack: Stack) -> None:
    """Invoke the relay, like the schedule does every minute."""
    assert not stack.invoke("relay", {}).is_error


def outbox_of(client: StackClient, effect_id: str) -> list[tuple[Any, ...]]:
    return client.rows("select failures from baton.outbox where id = %s", effect_id)


@pytest.fixture
def puts(stack: Stack) -> Callable[[str], Counter[str]]:
    """Event id → how often the event of a run was sent to the bus so far."""
    env, name = stack.env, f"puts-{uuid.uuid4().hex[:8]}"
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    queues = session.client("sqs", endpoint_url=env["AWS_ENDPOINT_URL"])
    bus = session.client("events", endpoint_url=env["AWS_ENDPOINT_URL"])
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    bus.put_rule(Name=name, EventBusName="baton", EventPattern=json.dumps({"source": ["baton"]}))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}
    bus.put_targets(Rule=name, EventBusName="baton", Targets=[target])
    arrived: dict[str, Any] = {}  # by the message's id: a queue may show a message twice

    def count(run_id: str) -> Counter[str]:
        while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            arrived.update((message["MessageId"], json.loads(message["Body"])["detail"]) for message in messages)
        return Counter(event["id"] for event in arrived.values() if event["run"]["id"] == run_id)

    return count


def test_each_event_of_a_run_is_sent_once_even_if_the_relay_runs_later(
    stack: Stack, client: StackClient, puts: Callable[[str], Counter[str]]
) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()), step("b", "a"))
    run_id = client.launch()
    client.decide(client.wait_for_approvals(run_id, "a")["a"])
    client.wait_for_end(run_id)
    wait_until(lambda: client.rows("select from baton.outbox where run_id = %s", run_id) == [])  # its last function
    once = dict.fromkeys((event["id"] for event in client.events(run_id)), 1)
    assert puts(run_id) == once

    two_minutes_later = "update baton.outbox set available_at = available_at - interval '2 minutes' returning 1"
    client.rows(two_minutes_later)
    sweep(stack)
    assert puts(run_id) == once


def test_a_stuck_effect_is_listed_and_redriven_after_its_cause_is_fixed(
    stack: Stack, client: StackClient, stuck_effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("operator")}
    assert command.main(["outbox", "--org", "demo", "--failures", "5", "--json"], environ) == 0
    [shown] = [effect for effect in json.loads(capsys.readouterr().out) if effect["id"] == stuck_effect]
    assert (shown["kind"], shown["failures"], shown["stuck"]) == ("start", 5, True)
    assert "StateMachineDoesNotExist" in shown["lastError"]

    sweep(stack)
    assert outbox_of(client, stuck_effect) == [(5,)]  # its next try is not due

    client.rows(
        "update baton.outbox o set payload = jsonb_set(payload, '{machine}', to_jsonb(r.machine))"
        " from orchestration_runs r where r.id = o.run_id and o.id = %s returning 1",
        stuck_effect,
    )
    assert command.main(["outbox", "redrive", stuck_effect], environ) == 0
    sweep(stack)
    assert outbox_of(client, stuck_effect) == []


def test_a_stuck_effect_is_one_error_line_in_the_log(stack: Stack, stuck_effect: str) -> None:
    lines = [json.loads(line) for line in stack.log_file.read_text().splitlines() if stuck_effect in line]

    [line] = [line for line in lines if line["level"] == "ERROR"]
    assert (line["service"], line["message"], line["failures"]) == ("relay", "effect is stuck", 5)
    assert "StateMachineDoesNotExist" in line["reason"]


def test_a_user_of_another_organisation_cannot_see_or_redrive_an_effect(
    stack: Stack, stuck_effect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": stack.token("operator", organization="elsewhere")}
    assert command.main(["outbox", "--json"], environ) == 0
    assert stuck_effect not in capsys.readouterr().out
    assert command.main(["outbox", "redrive", stuck_effect], environ) == 1
    assert "There is no failed effect" in capsys.readouterr().err
