"""Mends Lambda, EventBridge and SQS, so that they call the functions of this checkout."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError
from moto.events.models import Rule
from moto.sqs.models import Message, Queue

from local.moto_fixes.methods import original_method, replace_method
from local.moto_fixes.targets import start_executions
from local.runtime import InvocationResult

Invoke = Callable[[str, str], InvocationResult]
InvokeLater = Callable[[str, str], None]
MAX_EVENT_BYTES = 6 * 1024 * 1024  # of a call that waits for its answer; the limit of Lambda


class _EventTooLarge(JsonRESTError):
    code = 413


def run_functions(invoke: Invoke, invoke_later: InvokeLater) -> None:
    """moto runs functions in Docker containers, and waits even for those that are invoked as events."""

    def run(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        event = (body.decode() if isinstance(body, bytes) else body) or "{}"
        if request_headers.get("x-amz-invocation-type") == "Event":
            invoke_later(self.function_name, event)
            return b""
        if len(event.encode()) > MAX_EVENT_BYTES:
            message = f"Request must be smaller than {MAX_EVENT_BYTES} bytes for the InvokeFunction operation"
            raise _EventTooLarge("RequestEntityTooLargeException", message)
        result = invoke(self.function_name, event)
        if result.is_error:
            response_headers["x-amz-function-error"] = "Unhandled"
        return result.payload.encode()

    replace_method(LambdaFunction, "invoke", run)


def report_messages(arrived: Callable[[str], None]) -> None:
    """moto does not report a new message, so a reader would have to poll. With this, moto calls ``arrived`` with the
    name of the message's queue."""
    original = original_method(Queue, "add_message")

    def add_message(self: Queue, message: Message) -> None:
        original(self, message)
        arrived(self.name)

    replace_method(Queue, "add_message", add_message)


def deliver_events_to_functions(invoke_later: InvokeLater) -> None:
    """A rule whose target is a function or a state machine raises NotImplementedError."""
    original = original_method(Rule, "send_to_targets")

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        functions = [target for target in self.targets if ":function:" in target["Arn"]]
        if any(":stateMachine:" in target["Arn"] for target in self.targets):
            start_executions(self, original_event)
        elif not functions:
            original(self, original_event, transform_input)
        elif self.event_pattern.matches_event(original_event):
            for target in functions:
                invoke_later(target["Arn"].rpartition(":")[2], json.dumps(original_event, default=str))

    replace_method(Rule, "send_to_targets", send_to_targets)
