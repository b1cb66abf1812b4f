"""Executions that start child executions."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)

from local import moto_fixes
from tests.integration.simulated_aws.machines import (
    PASSING,
    ROLE,
    FakeFunctions,
    end,
    error_code,
    start,
    status,
    task_machine,
    token_machine,
    with_catch,
)
from tests.integration.waiting import PATIENCE, wait_until


class ParentAndChildFixture:
    """A parent whose state starts the machine of its child and waits for its end."""

    def __init__(self, states: Any, child: dict[str, Any], *, beside: dict[str, Any] | None = None) -> None:
        self._states = states
        machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(child), roleArn=ROLE)
        self.machine = machine["stateMachineArn"]
        parameters = {
            "StateMachineArn.$": "$.child.machine",
            "Name.$": "$.child.name",
            "Input": {
                "run_id.$": "$.child.input.run_id",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
            },
        }
        task = task_machine("arn:aws:states:::states:startExecution.sync:2", Parameters=parameters)
        definition = with_catch(task, "States.TaskFailed") if beside is None else both(task, beside)
        child_parameters = {"machine": self.machine, "name": "c", "input": {"run_id": "r"}}
        self.parent = start(states, definition, input=json.dumps({"child": child_parameters}))

    @property
    def child(self) -> str:
        return self.machine.replace(":stateMachine:", ":execution:") + ":c"

    def wait_for_child(self) -> None:
        wait_until(lambda: self._states.list_executions(stateMachineArn=self.machine)["executions"])

    def entered_states(self) -> list[str]:
        history = self._states.get_execution_history(executionArn=self.parent)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]


def both(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "both", "States": {"both": {"Type": "Parallel", "Branches": list(branches), "End": True}}}


def test_a_state_starts_a_child_execution_and_gets_its_answer(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    executions = ParentAndChildFixture(states, token_machine(function))
    states.send_task_success(taskToken=functions.tokens.get(timeout=PATIENCE), output='{"n": 1}')
    answer = json.loads(end(states, executions.parent)["output"])
    assert answer["ExecutionArn"] == executions.child
    assert (answer["Status"], answer["Name"], answer["StateMachineArn"]) == ("SUCCEEDED", "c", executions.machine)
    assert answer["Input"] == {"run_id": "r", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": executions.parent}
    assert answer["Output"] == {"n": 1}
    assert answer["StopDate"] >= answer["StartDate"] > 1_700_000_000_000


def test_a_child_execution_that_fails_is_a_task_that_failed(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    executions = ParentAndChildFixture(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    states.send_task_failure(taskToken=token, error="Refused", cause="too expensive")
    assert end(states, executions.parent)["status"] == "SUCCEEDED"
    assert executions.entered_states() == ["call", "caught"]


def test_a_child_execution_that_is_aborted_is_a_task_that_failed(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    executions = ParentAndChildFixture(states, token_machine(function))
    functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=executions.child)
    end(states, executions.parent)
    assert executions.entered_states() == ["call", "caught"]


def test_a_child_execution_with_an_existing_name_fails(states: Any, functions: FakeFunctions) -> None:
    executions = ParentAndChildFixture(states, PASSING)
    end(states, executions.parent)
    machine = states.describe_execution(executionArn=executions.parent)["stateMachineArn"]
    parent_input = states.describe_execution(executionArn=executions.parent)["input"]
    again = states.start_execution(stateMachineArn=machine, input=parent_input)["executionArn"]
    end(states, again)
    history = states.get_execution_history(executionArn=again)["events"]
    (failure,) = [event["taskFailedEventDetails"] for event in history if "taskFailedEventDetails" in event]
    assert failure["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_stopping_a_parent_stops_its_child_execution(states: Any, functions: FakeFunctions, function: str) -> None:
    executions = ParentAndChildFixture(states, token_machine(function))
    functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=executions.parent)
    assert status(states, executions.parent) == "ABORTED"
    assert end(states, executions.child)["status"] == "ABORTED"


def test_a_parent_that_is_stopped_before_it_waits_for_its_child_stops_it(
    states: Any, functions: FakeFunctions, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, stopped = StateTaskServiceSfn._eval_service_task, threading.Event()

    def start_and_wait_until_stopped(*arguments: Any, **named: Any) -> None:
        started(*arguments, **named)
        stopped.wait(PATIENCE)

    monkeypatch.setattr(StateTaskServiceSfn, "_eval_service_task", start_and_wait_until_stopped)
    executions = ParentAndChildFixture(states, token_machine(function))
    functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=executions.parent)
    stopped.set()
    assert end(states, executions.child)["status"] == "ABORTED"


def test_a_branch_that_fails_stops_the_child_execution_of_another(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    executions = ParentAndChildFixture(states, token_machine(function), beside=token_machine(function))
    executions.wait_for_child()
    tokens = [functions.tokens.get(timeout=PATIENCE) for _ in range(2)]
    own = history_tokens(states, executions.child)
    (others,) = [token for token in tokens if token not in own]
    states.send_task_failure(taskToken=others, error="Refused")
    assert end(states, executions.parent)["status"] == "FAILED"
    assert end(states, executions.child)["status"] == "ABORTED"


def history_tokens(states: Any, execution: str) -> str:
    """The history of an execution as text, with its tokens."""
    return json.dumps(states.get_execution_history(executionArn=execution)["events"], default=str)


def test_a_timed_out_execution_ends_its_waiting_task(states: Any, functions: FakeFunctions, function: str) -> None:
    execution = start(states, {**token_machine(function), "TimeoutSeconds": 1})
    token = functions.tokens.get(timeout=PATIENCE)
    assert end(states, execution)["status"] == "TIMED_OUT"
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    wait_until(
        lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionTimedOut"
    )


def test_a_stopping_stack_aborts_no_execution(states: Any, functions: FakeFunctions, function: str) -> None:
    """Until moto ends with the stack, the executions have the status RUNNING, and no end is reported."""
    executions = ParentAndChildFixture(states, token_machine(function))
    token = functions.tokens.get(timeout=PATIENCE)
    wait_until(lambda: functions.ends.qsize() == 2)
    moto_fixes.abandon_executions()
    try:
        assert status(states, executions.parent) == status(states, executions.child) == "RUNNING"
        assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            start(states, PASSING)
    finally:
        moto_fixes.starts.stopping.clear()
    assert functions.ends.qsize() == 2
    assert status(states, executions.child) == "RUNNING"
