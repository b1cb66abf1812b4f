"""Step Functions' side of starting and stopping executions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from baton.engine import StepFunctions


class FakeStepFunctionsClient:
    """Keeps what it was asked to start and to stop."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=KeyError, ExecutionDoesNotExist=KeyError)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def start_execution(self, **asked: Any) -> None:
        self.asked.append(f"start {asked['stateMachineArn']}:{asked['name']}")

    def stop_execution(self, **asked: Any) -> None:
        self.asked.append(f"stop {asked['executionArn']}")


def step_functions(machine_prefix: str, client: FakeStepFunctionsClient) -> StepFunctions:
    """The engine of the deployment with that prefix, on the client."""
    engine = StepFunctions(machine_prefix)
    vars(engine)["_client"] = client
    return engine
