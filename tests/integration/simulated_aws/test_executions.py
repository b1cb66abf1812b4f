"""Executions begin once, and end when they are stopped."""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import pytest
from moto.stepfunctions.models import StateMachine

from local import moto_fixes
from tests.integration.simulated_aws.machines import (
    PASSING,
    ROLE,
    FakeFunctions,
    create_function,
    end,
    error_code,
    start,
    status,
    task_machine,
    token_machine,
)
from tests.integration.waiting import PATIENCE, wait_until


def test_the_fixes_belong_to_the_installed_version_of_moto() -> None:
    """Another version of moto may need other fixes. Check each of them, then change the version."""
    assert version("moto") == moto_fixes.MOTO


def test_an_execution_without_a_name_gets_one(states: Any) -> None:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    arns = {
        states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps({"n": number}))[
            "executionArn"
        ]
        for number in range(2)
    }
    assert len(arns) == 2
    assert not [arn for arn in arns if arn.endswith(":None")]


def test_simultaneous_starts_with_one_name_start_one_execution(
    states: Any, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The patch makes both requests check the name before one of them takes it, unless they run one after the other."""
    machine = states.create_state_machine(
        name=f"m-{uuid.uuid4()}", definition=json.dumps(token_machine(function)), roleArn=ROLE
    )["stateMachineArn"]
    look, barrier = StateMachine._handle_name_input_idempotency, threading.Barrier(2)

    def look_together(self: StateMachine, name: str, execution_input: str) -> Any:
        result = look(self, name, execution_input)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)
        return result

    monkeypatch.setattr(StateMachine, "_handle_name_input_idempotency", look_together)
    parameters = {"stateMachineArn": machine, "name": "one", "input": "{}"}
    threads = [threading.Thread(target=states.start_execution, kwargs=parameters) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_the_name_of_an_ended_execution_cannot_be_used_again(states: Any) -> None:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    parameters = {"stateMachineArn": machine["stateMachineArn"], "name": "one", "input": "{}"}
    end(states, states.start_execution(**parameters)["executionArn"])
    assert error_code(states.start_execution, **parameters) == "ExecutionAlreadyExists"


def test_a_waiting_execution_is_aborted_immediately(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=execution, error="aborted", cause="by ann")
    ended = states.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "aborted", "by ann")
    assert ended["stopDate"]
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"

    def last_event() -> str:
        return str(states.get_execution_history(executionArn=execution)["events"][-1]["type"])

    wait_until(lambda: last_event() == "ExecutionAborted")
    types = {event["type"] for event in states.get_execution_history(executionArn=execution)["events"]}
    assert not types & {"TaskTimedOut", "TaskFailed", "ExecutionFailed"}
    assert status(states, execution) == "ABORTED"


def test_an_execution_is_aborted_while_its_function_runs(states: Any, functions: FakeFunctions, lambdas: Any) -> None:
    slow = create_function(lambdas, f"{uuid.uuid4()}-slow")
    execution = start(
        states, task_machine("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": slow, "Payload": {}})
    )
    assert functions.entered.wait(PATIENCE)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"
    functions.may_return.set()
    wait_until(lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionAborted")
    assert status(states, execution) == "ABORTED"


def test_a_branch_that_waits_is_aborted_with_the_others(states: Any, functions: FakeFunctions, function: str) -> None:
    parallel = {"Type": "Parallel", "Branches": [token_machine(function), token_machine(function)], "End": True}
    execution = start(states, {"StartAt": "both", "States": {"both": parallel}})
    functions.tokens.get(timeout=PATIENCE)
    functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"


def test_an_execution_can_be_stopped_just_after_its_start(states: Any, function: str) -> None:
    execution = start(states, token_machine(function))
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"


def test_stopping_an_ended_execution_changes_nothing(states: Any) -> None:
    execution = start(states, PASSING)
    end(states, execution)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "SUCCEEDED"
