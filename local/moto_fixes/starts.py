"""Mends the start of executions."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.moto_fixes.methods import current_method, replace_method

start_lock = threading.Lock()
stopping = threading.Event()  # while it is set, no execution starts


def give_unnamed_executions_a_name() -> None:
    """Every execution that is started without a name is called None, and the second one is refused."""
    original = current_method(StepFunctionsParserBackend, "start_execution")

    def start_execution(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: Any = None,
        trace_header: Any = None,
    ) -> Any:
        return original(self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header)

    replace_method(StepFunctionsParserBackend, "start_execution", start_execution)


def start_executions_one_at_a_time() -> None:
    """Two requests at the same time start two executions of one name."""
    original = current_method(StepFunctionsParserBackend, "start_execution")

    def start_execution(self: Any, *arguments: Any, **named: Any) -> Any:
        with start_lock:
            if stopping.is_set():
                raise JsonRESTError("ServiceUnavailable", "the stack is stopping")
            return original(self, *arguments, **named)

    replace_method(StepFunctionsParserBackend, "start_execution", start_execution)


def start_executions_from_states() -> None:
    """A state cannot start an execution: it passes names of parameters and of the answer that the other side lacks."""
    original = current_method(StateTaskServiceSfn, "_normalise_parameters")

    def name_parameters(self: Any, parameters: Any, *arguments: Any, **named: Any) -> None:
        original(self, parameters, *arguments, **named)
        _replace_content(parameters, {name[:1].lower() + name[1:]: value for name, value in parameters.items()})

    def name_response(self: Any, response: Any, *_: Any, **__: Any) -> None:
        _replace_content(response, _answer_of_step_functions(response))

    replace_method(StateTaskServiceSfn, "_normalise_parameters", name_parameters)
    replace_method(StateTaskServiceSfn, "_normalise_response", name_response)


def _replace_content(content: dict[str, Any], new: dict[str, Any]) -> None:
    content.clear()
    content.update(new)


def _answer_of_step_functions(value: Any) -> Any:
    """The answer as it stands in a state's output: names begin with capitals, times are milliseconds."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if not isinstance(value, dict):
        return value
    return {
        name[:1].upper() + name[1:]: inner if name in ("input", "output") else _answer_of_step_functions(inner)
        for name, inner in value.items()
    }
