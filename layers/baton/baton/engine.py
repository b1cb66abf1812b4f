"""Step Functions: the engine that drives the record. All names and answers of the service that Baton relies on are
here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baton.clients import MAKING, SHORT_CALLS
from baton.errors import BatonError, StepNotReady, TaskGone
from baton.outbox import Effect
from baton.ports.recovery import ExecutionStanding

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class AnotherEngine(BatonError):
    """The execution is another deployment's. The relay of that one starts and stops it."""


class StepFunctions:
    """``machine_prefix`` is the ARN of a state machine without the definition's name, ending in ``<stack>-``."""

    def __init__(self, machine_prefix: str) -> None:
        self._machine_prefix = machine_prefix

    @cached_property
    def _client(self) -> SFNClient:
        import boto3  # made on first use: a cold start that needs no client must not pay for it
        from botocore.config import Config

        with MAKING:
            return boto3.client("stepfunctions", config=Config(**SHORT_CALLS))

    def start(self, effects: Sequence[Effect]) -> None:
        """Starts the execution ``{run_id}-{generation}``. One that exists already was started by an earlier delivery.

        Raises:
            AnotherEngine: the run is driven by another deployment on the same database.
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
        """Stops the execution of that generation; one that is not there, or has ended, needs no stopping.

        Raises:
            AnotherEngine: the run is driven by another deployment on the same database.
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
        """Completes the tokens of gates. One that is gone was released before, or its execution has ended.

        Raises:
            StepNotReady: the record has released no such gate.
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
        """Whether the execution of that ARN still runs; one that Step Functions does not know does not."""
        standing = self.standing(execution)
        return standing is not None and standing.status == "RUNNING"

    def standing(self, execution: str) -> ExecutionStanding | None:
        """How the execution of that ARN stands; None if Step Functions does not know it."""
        try:
            found = self._client.describe_execution(executionArn=execution)
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return ExecutionStanding(found["status"], found.get("error"), found.get("cause"))

    def arn(self, run_id: str, generation: int, machine: str) -> str:
        """ARN of the execution of a run's generation."""
        return f"{self._machine_prefix.replace(':stateMachine:', ':execution:')}{machine}:{run_id}-{generation}"

    def _own_execution(self, effect: Effect) -> str:
        """The ARN of the execution that the effect is about, which is one of this deployment."""
        ours = self.arn(effect.run_id, effect.payload["generation"], effect.payload["machine"])
        execution = effect.payload.get("execution", ours)
        if execution != ours:
            raise AnotherEngine(f"{execution} is not an execution of this deployment; its own relay looks after it")
        return ours


def _execution_name(effect: Effect) -> str:
    return f"{effect.run_id}-{effect.payload['generation']}"
