"""``baton doctor`` on the whole stack."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import psycopg
import pytest

from cli import main as command
from cli.command import Command
from cli.doctor import examine
from cli.screen import Screen
from local.stack import Stack
from tests.integration.executions import execution_of
from tests.integration.stack_client import StackClient, checkpoint, step

WAITING = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 600, "End": True}}})


@pytest.fixture
def unknown() -> Iterator[str]:
    """A running execution of a state machine with the stack's prefix, which Baton has not started."""
    states = boto3.client("stepfunctions")
    machine = states.create_state_machine(
        name="baton-by-hand", definition=WAITING, roleArn="arn:aws:iam::123456789012:role/by-hand"
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    yield execution
    states.stop_execution(executionArn=execution)
    states.delete_state_machine(stateMachineArn=machine)


def doctor(stack: Stack, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = command.main(["doctor", "--stack", "baton", *words], {"OWNER_URL": stack.database_url})
    return code, capsys.readouterr().out


def findings(stack: Stack, capsys: pytest.CaptureFixture[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(doctor(stack, capsys, "--json")[1])
    return found


def test_an_execution_that_the_record_does_not_know_is_shown_and_goes_on(
    client: StackClient, unknown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    code, shown = doctor(client.stack, capsys)
    assert (code, f"Not in the record, and running: {unknown}\n" in shown) == (1, True)
    assert execution_of(client, run_id) not in shown
    described = boto3.client("stepfunctions").describe_execution(executionArn=unknown)
    assert described["status"] == "RUNNING"


def test_an_execution_that_should_be_over_and_an_effect_that_is_stuck_are_shown(
    client: StackClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    late, stuck = execution_of(client, run_id), {"kind": "stop", "run": run_id, "failures": 5, "error": "no answer"}
    with psycopg.connect(client.stack.database_url, autocommit=True) as owner:
        owner.execute(
            "update baton.executions set checks = 3, status = 'RUNNING', check_at = now() + interval '1 hour'"
            " where run_id = %s",
            (run_id,),
        )
        effect = "insert into baton.outbox (run_id, kind, payload, failures, last_error, available_at)"
        owner.execute(
            f"{effect} values (%s, 'stop', '{{}}', 5, 'no answer', now() + interval '1 hour')".encode(), (run_id,)
        )
        found = findings(client.stack, capsys)
        owner.execute("delete from baton.outbox where run_id = %s and kind = 'stop'", (run_id,))
    assert {"execution": late, "run": run_id, "status": "RUNNING", "checks": 3} in found["lateEnds"]
    assert stuck in [{name: value for name, value in one.items() if name != "id"} for one in found["stuckEffects"]]


def test_without_a_name_the_stack_is_the_local_one(
    stack: Stack, unknown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``.baton/env`` has the address and the credentials of its AWS."""
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    settings = {"DATABASE_URL": stack.database_url, **{name: os.environ[name] for name in names}}
    assert examine(Command(argparse.Namespace(stack=None), Screen(json=True), settings)) == 1
    assert unknown in json.loads(capsys.readouterr().out)["unknownExecutions"]


def test_a_stack_that_is_not_there_is_named(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["doctor", "--stack", "nobodys"], {"OWNER_URL": stack.database_url}) == 1
    assert "There is no state machine of nobodys" in capsys.readouterr().err
