"""Step Functions: all executions, their tokens, and the operations of its client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.integration.faults.asl import Asl, StateError
from tests.integration.faults.clock import FakeClock
from tests.integration.faults.lines import Line, TaskToken
from tests.integration.faults.machine import Execution, Invocation


class Exceptions:
    """``client.exceptions``."""

    ExecutionAlreadyExists = type("ExecutionAlreadyExists", (Exception,), {})
    ExecutionDoesNotExist = type("ExecutionDoesNotExist", (Exception,), {})
    TaskTimedOut = type("TaskTimedOut", (Exception,), {})
    TaskDoesNotExist = type("TaskDoesNotExist", (Exception,), {})


@dataclass(frozen=True)
class FakePaginator:
    """``page`` is the one page of an operation that lists."""

    page: Callable[..., dict[str, Any]]

    def paginate(self, **parameters: Any) -> list[dict[str, Any]]:
        return [self.page(**parameters)]


@dataclass
class FakeStepFunctions:
    """``machines`` by ARN. ``call`` invokes the function that a Task names, ``on_end`` is called at every end;
    ``cold_seconds`` is how long the first call of a function takes to start it."""

    machines: Mapping[str, Asl]
    clock: FakeClock
    call: Callable[[str, Any], Invocation]
    on_end: Callable[[Execution], None]
    cold_seconds: float
    executions: dict[str, Execution] = field(default_factory=dict)
    _tokens: dict[str, TaskToken] = field(default_factory=dict)
    _warm: set[str] = field(default_factory=set)

    def running(self) -> Iterator[tuple[Execution, Line]]:
        """Every line that has not ended, with its execution."""
        for execution in list(self.executions.values()):
            for line in execution.lines():
                yield execution, line

    def time_has_passed(self) -> None:
        """Wakes the lines whose wait is over; ends the executions that have timed out."""
        for _, line in self.running():
            line.wake(self.clock.seconds)
        for execution in self.executions.values():
            if execution.deadline <= self.clock.seconds:
                execution.end("TIMED_OUT", StateError("States.Timeout"))

    def moments(self) -> list[float]:
        """The virtual seconds at which a line wakes."""
        waits = [line.waits.wakes_at for _, line in self.running() if line.waits is not None]
        return waits + [execution.deadline for execution in self.executions.values() if not execution.done]

    # --- for executions ---------------------------------------------------------------------------------------------

    def now(self) -> float:
        return self.clock.seconds

    def start_seconds(self, function: str) -> float:
        cold = function not in self._warm
        self._warm.add(function)
        return self.cold_seconds if cold else 0.0

    def invoke(self, function: str, payload: Any) -> Invocation:
        return self.call(function, payload)

    def open_token(self, timeout_seconds: float) -> TaskToken:
        token = TaskToken(f"token-{len(self._tokens)}", wakes_at=self.clock.seconds + timeout_seconds)
        self._tokens[token.value] = token
        return token

    def start(self, machine_arn: str, name: str, input: Any) -> Execution:
        arn = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        if arn in self.executions:
            raise StateError("StepFunctions.ExecutionAlreadyExistsException", name)
        self.executions[arn] = Execution(arn, name, self.machines[machine_arn], input, self)
        return self.executions[arn]

    # --- for clients; the names are AWS' ----------------------------------------------------------------------------

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:
        try:
            return {"executionArn": self.start(stateMachineArn, name, json.loads(input)).arn}
        except StateError as error:
            raise Exceptions.ExecutionAlreadyExists(name) from error

    def stop_execution(self, executionArn: str, error: str, cause: str) -> dict[str, Any]:
        self._execution(executionArn).end("ABORTED", StateError(error, cause))
        return {}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        execution = self._execution(executionArn)
        error = {"error": execution.error.name, "cause": execution.error.cause} if execution.error else {}
        return {"status": execution.status, **error}

    def get_paginator(self, operation_name: str) -> FakePaginator:
        pages: dict[str, Callable[..., dict[str, Any]]] = {
            "list_state_machines": self._list_machines,
            "list_executions": self._list_executions,
        }
        return FakePaginator(pages[operation_name])

    def _list_machines(self) -> dict[str, Any]:
        return {"stateMachines": [{"stateMachineArn": arn} for arn in self.machines]}

    def _list_executions(self, stateMachineArn: str, **filters: Any) -> dict[str, Any]:
        prefix = stateMachineArn.replace(":stateMachine:", ":execution:") + ":"
        running = [arn for arn, one in self.executions.items() if arn.startswith(prefix) and not one.done]
        return {"executions": [{"executionArn": arn} for arn in running]}

    def send_task_success(self, taskToken: str, output: str) -> dict[str, Any]:
        token = self._tokens[taskToken]
        if token.closed or token.has_output:
            raise Exceptions.TaskTimedOut(taskToken)
        token.has_output, token.output = True, json.loads(output)
        return {}

    def _execution(self, arn: str) -> Execution:
        if arn not in self.executions:
            raise Exceptions.ExecutionDoesNotExist(arn)
        return self.executions[arn]
