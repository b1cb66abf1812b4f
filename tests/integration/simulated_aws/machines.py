"""State machines for tests, fake functions that they call, and helpers to start and end executions."""

from __future__ import annotations

import json
import queue
import threading
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.runtime import InvocationResult
from tests.integration.waiting import PATIENCE, wait_until

ROLE = "arn:aws:iam::123456789012:role/local"
PASSING = {"StartAt": "pass", "States": {"pass": {"Type": "Pass", "End": True}}}


def task_machine(resource: str, **more: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, "TimeoutSeconds": 3600, "End": True, **more}
    return {"StartAt": "call", "States": {"call": task}}


def token_machine(function: str) -> dict[str, Any]:
    parameters = {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}}
    return task_machine("arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters=parameters)


class FakeFunctions:
    """The functions that moto invokes. They record their calls."""

    def __init__(self) -> None:
        self.tokens: queue.Queue[str] = queue.Queue()
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.ends: queue.Queue[Any] = queue.Queue()
        self.entered = threading.Event()
        self.may_return = threading.Event()
        self.answer = InvocationResult("{}")

    def invoke(self, name: str, event: str) -> InvocationResult:
        self.entered.set()
        if name.endswith("slow"):
            self.may_return.wait(PATIENCE)
        if token := json.loads(event).get("token"):
            self.tokens.put(token)
        return self.answer

    def invoke_later(self, name: str, event: str) -> None:
        self.events.put((name, json.loads(event)))


def create_function(lambdas: Any, name: str) -> str:
    lambdas.create_function(
        FunctionName=name, Role=ROLE, Handler="app.handler", Runtime="python3.13", Code={"ZipFile": EMPTY_ARCHIVE}
    )
    return name


EMPTY_ARCHIVE = b"PK\x05\x06" + bytes(18)


def create_machine(states: Any, definition: dict[str, Any]) -> str:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE)
    return str(machine["stateMachineArn"])


def start(states: Any, definition: dict[str, Any], **more: Any) -> str:
    machine = create_machine(states, definition)
    return str(states.start_execution(stateMachineArn=machine, **more)["executionArn"])


def status(states: Any, execution: str) -> str:
    return str(states.describe_execution(executionArn=execution)["status"])


def end(states: Any, execution: str) -> dict[str, Any]:
    wait_until(lambda: status(states, execution) != "RUNNING")
    return dict(states.describe_execution(executionArn=execution))


def error_code(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as error_info:
        call(**arguments)
    return str(error_info.value.response["Error"]["Code"])


def with_catch(task: dict[str, Any], *errors: str) -> dict[str, Any]:
    """A machine whose only task has a Catch like the compiler's, which does not change the state's data."""
    catch = [{"ErrorEquals": list(errors), "ResultPath": None, "Next": "caught"}]
    call = {**task["States"]["call"], "Catch": catch}
    return {"StartAt": "call", "States": {"call": call, "caught": {"Type": "Pass", "End": True}}}
