"""Step Functions: the engine that drives the record. All calls of the service are here and in ``machines``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton.clients import CREATION_LOCK, SHORT_CALLS
from baton.errors import BatonError, StepNotReady, TaskGone
from baton.model import LAUNCH_MACHINE, ExecutionStatus
from baton.outbox import Effect
from baton.ports.recovery import ExecutionDescription

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


MAX_LISTED = 10_000  # executions of one state machine


class AnotherEngine(BatonError):
    """The execution belongs to another deployment, whose relay starts and stops it."""


class StepFunctions:
    """``machine_prefix`` is the ARN of a state machine without the definition's name, ending in ``<stack>-``."""

    def __init__(self, machine_prefix: str) -> None:
        self._machine_prefix = machine_prefix

    @cached_property
    def _client(self) -> SFNClient:
        import boto3  # made on first use: a cold start that needs no client must not pay for it
        from botocore.config import Config

        with CREATION_LOCK:
            return boto3.client("stepfunctions", config=Config(**SHORT_CALLS))

    def start(self, effects: Sequence[Effect]) -> None:
        """Starts the execution ``{run_id}-{generation}``. If it exists, an earlier delivery has started it.

        Raises:
            AnotherEngine: another deployment on the same database drives the run.
        """
        for effect in effects:
            self._own_execution(effect)
            generation = effect.payload["generation"]
            try:
                self._client.start_execution(
                    stateMachineArn=self._machine_prefix + effect.payload["machine"],
                    name=_execution_name(effect),
                    input=json.dumps({"run_id": effect.run_id, "generation": generation}),
                )
            except self._client.exceptions.ExecutionAlreadyExists:
                continue

    def stop(self, effects: Sequence[Effect]) -> None:
        """Stops the execution of that generation. Does nothing if there is none, or if it has ended.

        Raises:
            AnotherEngine: another deployment on the same database drives the run.
        """
        for effect in effects:
            try:
                self._client.stop_execution(
                    executionArn=self._own_execution(effect),
                    error=effect.payload["reason"],
                    cause=effect.payload["detail"],
                )
            except self._client.exceptions.ExecutionDoesNotExist:
                continue

    def release(self, effects: Sequence[Effect]) -> None:
        """Completes the tokens of gates. A closed token is no error: an earlier delivery has completed it, or its
        execution has ended.

        Raises:
            StepNotReady: the record has not released the gate.
        """
        for effect in effects:
            if effect.token is None:
                raise StepNotReady(f"the record has released no gate for the effect {effect.id}")
            with suppress(TaskGone):
                self.complete(effect.token, {})

    def complete(self, token: str, output: Mapping[str, Any]) -> None:
        """Completes a waiting Task.

        Raises:
            TaskGone: the token is closed or expired; Step Functions does not say which.
        """
        try:
            self._client.send_task_success(taskToken=token, output=json.dumps(output))
        except (self._client.exceptions.TaskTimedOut, self._client.exceptions.TaskDoesNotExist) as error:
            raise TaskGone(str(error)) from error

    def is_running(self, execution: str) -> bool:
        """Whether the execution with that ARN still runs. False if Step Functions does not know it."""
        description = self.describe(execution)
        return description is not None and description.status is ExecutionStatus.RUNNING

    def describe(self, execution: str) -> ExecutionDescription | None:
        """The state of the execution with that ARN; None if Step Functions does not know it."""
        try:
            answer = self._client.describe_execution(executionArn=execution)
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return ExecutionDescription(ExecutionStatus(answer["status"]), answer.get("error"), answer.get("cause"))

    def machines(self) -> list[str]:
        """The ARNs of this deployment's state machines that drive runs, sorted."""
        pages = self._client.get_paginator("list_state_machines").paginate()
        arns = (machine["stateMachineArn"] for page in pages for machine in page["stateMachines"])
        return sorted(arn for arn in arns if arn.startswith(self._machine_prefix) and arn != self._launch_machine)

    def launches(self, execution: str) -> bool:
        """Whether the execution with that ARN launches a run, and so drives none."""
        return execution.rpartition(":")[0] == self._launch_machine.replace(":stateMachine:", ":execution:")

    def running(self, machine: str) -> list[str]:
        """The ARNs of a state machine's running executions, the newest first, at most ``MAX_LISTED``."""
        pages = self._client.get_paginator("list_executions").paginate(
            stateMachineArn=machine,
            statusFilter="RUNNING",
            PaginationConfig={"MaxItems": MAX_LISTED, "PageSize": 1000},
        )
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def arn(self, run_id: str, generation: int, machine: str) -> str:
        """ARN of the execution of a run's generation."""
        return f"{self._machine_prefix.replace(':stateMachine:', ':execution:')}{machine}:{run_id}-{generation}"

    @property
    def _launch_machine(self) -> str:
        return self._machine_prefix + LAUNCH_MACHINE

    def _own_execution(self, effect: Effect) -> str:
        """The ARN of the effect's execution, after a check that it belongs to this deployment."""
        own = self.arn(effect.run_id, effect.payload["generation"], effect.payload["machine"])
        execution = effect.payload.get("execution", own)
        if execution != own:
            raise AnotherEngine(f"{execution} is not an execution of this deployment; its own relay looks after it")
        return own


def _execution_name(effect: Effect) -> str:
    return f"{effect.run_id}-{effect.payload['generation']}"
