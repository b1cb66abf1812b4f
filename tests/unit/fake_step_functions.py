"""A fake client of Step Functions, which records starts and stops of executions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from baton.engine import StepFunctions


class FakeStepFunctionsClient:
    """Records every start and stop in ``calls``."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=KeyError, ExecutionDoesNotExist=KeyError)

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start_execution(self, **parameters: Any) -> None:
        self.calls.append(f"start {parameters['stateMachineArn']}:{parameters['name']}")

    def stop_execution(self, **parameters: Any) -> None:
        self.calls.append(f"stop {parameters['executionArn']}")


def step_functions(machine_prefix: str, client: FakeStepFunctionsClient) -> StepFunctions:
    """The engine of the deployment with that prefix, with a fake client."""
    engine = StepFunctions(machine_prefix)
    vars(engine)["_client"] = client
    return engine
