"""The services that functions call through boto3: Step Functions, the bus, functions, agents. A call is a boundary."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.integration.faults.asl import StateError
from tests.integration.faults.boundaries import call_aws
from tests.integration.faults.lambda_service import APPROVAL, FakeLambda
from tests.integration.faults.step_functions import FakeStepFunctions

Event = Mapping[str, Any]
Task = Mapping[str, Any]
Agent = Callable[[Task], Mapping[str, Any]]
"""(task) → answer. The same attempt, called twice, must get the same answer."""


@dataclass
class FakeAws:
    """``events`` (of subscribers) and ``asked`` (tasks of agents) are in the order of the calls; ``listen`` is called
    with every event when it first arrives. ``is_full``: Lambda has no room for an agent."""

    functions: FakeLambda
    states: FakeStepFunctions
    agent: Agent
    listen: Callable[[Event], None]
    is_full: Callable[[], bool] = lambda: False
    events: list[Event] = field(default_factory=list)
    asked: list[Task] = field(default_factory=list)

    def operate(self, service: str, operation: str, **parameters: Any) -> Any:
        """An operation of a boto3 client."""
        if operation == "invoke" and parameters["FunctionName"] != APPROVAL:
            task = json.loads(parameters["Payload"])
            what = f"calls {parameters['FunctionName']} for {task['run']['stepId']}"
            if self.is_full():
                raise ClientError(
                    {"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}, operation
                )
            return self.functions.cross("agent", what, lambda fault: self._ask(task))
        offered: dict[str, Callable[..., Any]] = {
            "invoke": self._invoke,
            "put_events": self._put_events,
            "start_execution": self.states.start_execution,
            "stop_execution": self.states.stop_execution,
            "describe_execution": self.states.describe_execution,
            "get_paginator": self.states.get_paginator,
            "send_task_success": self.states.send_task_success,
        }
        return call_aws(self.functions, operation, lambda: offered[operation](**parameters))

    def _ask(self, task: Task) -> dict[str, Any]:
        self.asked.append(task)
        return _payload(self.agent(task))

    def _invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        try:
            return _payload(self.functions.invoke(FunctionName.removeprefix("baton-"), json.loads(Payload)))
        except StateError as error:
            return {**_payload({"errorType": error.name, "errorMessage": error.cause}), "FunctionError": "Unhandled"}

    def _put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        for entry in Entries:
            event = json.loads(entry["Detail"])
            known = any(event["id"] == one["id"] for one in self.events)
            self.events.append(event)
            if not known:
                self.listen(event)
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


def _payload(content: Any) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(content).encode())}
