"""Tasks that wait for their token."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from tests.integration.simulated_aws.machines import (
    PASSING,
    ROLE,
    FakeFunctions,
    end,
    error_code,
    start,
    token_machine,
    with_catch,
)
from tests.integration.waiting import PATIENCE


def test_a_token_is_answered_while_another_execution_begins(
    states: Any, functions: FakeFunctions, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto searches the machines in the order of their creation, so the test creates the other one first."""
    other = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    execution = start(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    begin, may_begin = ExecutionWorker._execution_logic, threading.Event()

    def begin_later(self: ExecutionWorker) -> None:
        may_begin.wait(PATIENCE)
        begin(self)

    monkeypatch.setattr(ExecutionWorker, "_execution_logic", begin_later)
    beginning = states.start_execution(stateMachineArn=other["stateMachineArn"])["executionArn"]
    try:
        states.send_task_success(taskToken=token, output="{}")
    finally:
        may_begin.set()
    assert end(states, execution)["status"] == "SUCCEEDED"
    assert end(states, beginning)["status"] == "SUCCEEDED"


def test_the_first_answer_to_a_token_counts(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    states.send_task_success(taskToken=token, output='{"answer": 1}')
    assert error_code(states.send_task_success, taskToken=token, output='{"answer": 2}') == "TaskTimedOut"
    assert json.loads(end(states, execution)["output"]) == {"answer": 1}


def test_a_token_of_an_ended_execution_timed_out(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    states.send_task_success(taskToken=token, output="{}")
    end(states, execution)
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    assert error_code(states.send_task_failure, taskToken=token) == "TaskTimedOut"
    assert error_code(states.send_task_success, taskToken="nonsense", output="{}") == "InvalidToken"


def test_a_token_of_an_earlier_engine_timed_out(states: Any) -> None:
    assert error_code(states.send_task_success, taskToken=str(uuid.uuid4()), output="{}") == "TaskTimedOut"


def test_an_answer_that_is_not_json_is_refused(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    assert error_code(states.send_task_success, taskToken=token, output="yes") == "InvalidOutput"
    states.send_task_success(taskToken=token, output="{}")
    assert end(states, execution)["status"] == "SUCCEEDED"


def test_a_failure_keeps_its_cause(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, token_machine(function))
    states.send_task_failure(taskToken=functions.tokens.get(timeout=PATIENCE), error="Refused", cause="too expensive")
    ended = end(states, execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Refused", "too expensive")


def test_a_task_that_waits_too_long_times_out_and_can_be_caught(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    definition = with_catch(token_machine(function), "States.Timeout")
    definition["States"]["call"]["TimeoutSeconds"] = 1
    execution = start(states, definition, input='{"run_id": "r"}')
    token = functions.tokens.get(timeout=PATIENCE)
    ended = end(states, execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"run_id": "r"})
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_a_timed_out_task_without_a_catch_fails_the_execution(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    definition = token_machine(function)
    definition["States"]["call"]["TimeoutSeconds"] = 1
    ended = end(states, start(states, definition))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
