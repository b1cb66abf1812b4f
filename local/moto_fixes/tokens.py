"""Mends the answers to task tokens."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_fixes.methods import current_method, replace_method


def look_for_tokens_in_begun_executions_only() -> None:
    """While any execution is about to begin, answering a token of another one fails with an internal error."""
    original = current_method(StepFunctionsParserBackend, "_get_executions")

    def get_executions(self: Any, execution_status: Any = None) -> list[Any]:
        executions = original(self, execution_status)
        return [execution for execution in executions if execution.exec_worker and execution.exec_worker.env]

    replace_method(StepFunctionsParserBackend, "_get_executions", get_executions)


def take_the_first_answer_to_a_token() -> None:
    """A second answer to a token replaces the first. An answer to a task that timed out counts as delivered."""
    original = current_method(CallbackEndpoint, "notify")
    lock = threading.Lock()

    def notify(self: Any, outcome: Any) -> None:
        with lock:
            if self._notify_event.is_set():
                raise _task_timed_out()
            original(self, outcome)

    replace_method(CallbackEndpoint, "notify", notify)


def call_tokens_of_ended_tasks_timed_out() -> None:
    """moto answers InvalidToken for a token of an ended execution. AWS answers TaskTimedOut, and InvalidToken only for
    text that is no token.

    Tokens of an earlier moto count as tokens of ended executions, too.
    """
    for action in ("send_task_success", "send_task_failure", "send_task_heartbeat"):
        _answer_task_timed_out(action)


def _answer_task_timed_out(action: str) -> None:
    original = current_method(StepFunctionsParserBackend, action)

    def answer(self: Any, task_token: str, *arguments: Any, **named: Any) -> Any:
        try:
            return original(self, task_token, *arguments, **named)
        except Exception as error:
            if type(error).__name__ == "InvalidToken" and _is_token(task_token):
                raise _task_timed_out() from None
            raise

    replace_method(StepFunctionsParserBackend, action, answer)


def refuse_answers_that_are_not_json() -> None:
    """moto accepts an output that is not JSON, and the execution breaks later."""
    original = current_method(StepFunctionResponse, "send_task_success")

    def send_task_success(self: Any) -> Any:
        try:
            json.loads(self._get_param("output"))
        except ValueError:
            raise JsonRESTError("InvalidOutput", "Invalid Output: it is not JSON") from None
        return original(self)

    replace_method(StepFunctionResponse, "send_task_success", send_task_success)


def keep_the_cause_of_a_task_failure() -> None:
    """SendTaskFailure drops the cause."""

    def send_task_failure(self: Any) -> Any:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    replace_method(StepFunctionResponse, "send_task_failure", send_task_failure)


def _task_timed_out() -> JsonRESTError:
    return JsonRESTError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def _is_token(token: str) -> bool:
    try:
        uuid.UUID(token)
    except ValueError:
        return False
    return True
