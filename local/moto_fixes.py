"""moto's defects that matter here, mended: one function a defect, and nothing of the kind anywhere else.

``tests/integration/simulated_aws`` holds a contract for each; when moto changes, that says which function to drop.
What cannot be mended cheaply, the compiler and the use cases do without.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.events.models import Rule
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from local.runtime import Answer

MOTO = "5.2.5"  # the version that was looked at
Invoke = Callable[[str, str], Answer]
InvokeLater = Callable[[str, str], None]
Report = Callable[[Execution], None]
MAX_EVENT = 6 * 1024 * 1024  # bytes of a call that waits for its answer
GLANCE = 0.2  # seconds between two looks whether whoever waits for a child execution still wants it
_installed = False
_start_lock = threading.Lock()
_gone = threading.Event()
_reporters: list[Report] = []
_originals: dict[tuple[type, str], Callable[..., Any]] = {}


def install() -> None:
    """Mend Step Functions for the life of this process; its executions begin, and are reported to nobody yet."""
    global _installed
    _gone.clear()
    _reporters.clear()
    if _installed:
        return
    _installed = True
    give_unnamed_executions_a_name()
    start_executions_one_at_a_time()
    look_for_tokens_in_begun_executions_only()
    take_the_first_answer_to_a_token()
    call_tokens_of_gone_tasks_timed_out()
    refuse_answers_that_are_not_json()
    keep_the_cause_of_a_task_failure()
    keep_an_abortion_final()
    stop_executions_at_once()
    report_beginnings_and_ends()
    start_executions_from_states()
    end_child_executions_with_their_parents()


class _EventTooLarge(JsonRESTError):
    code = 413


def run_functions(invoke: Invoke, invoke_later: InvokeLater) -> None:
    """Lambda: moto runs functions in Docker containers, and waits even for those that are invoked as events."""

    def run(self: LambdaFunction, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        event = (body.decode() if isinstance(body, bytes) else body) or "{}"
        if request_headers.get("x-amz-invocation-type") == "Event":
            invoke_later(self.function_name, event)
            return b""
        if len(event.encode()) > MAX_EVENT:
            message = f"Request must be smaller than {MAX_EVENT} bytes for the InvokeFunction operation"
            raise _EventTooLarge("RequestEntityTooLargeException", message)
        answer = invoke(self.function_name, event)
        if answer.errored:
            response_headers["x-amz-function-error"] = "Unhandled"
        return answer.payload.encode()

    _mend(LambdaFunction, "invoke", run)


def deliver_events_to_functions(invoke_later: InvokeLater) -> None:
    """EventBridge: a rule whose target is a function raises NotImplementedError."""
    original = _original(Rule, "send_to_targets")

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        functions = [target for target in self.targets if ":function:" in target["Arn"]]
        if not functions:
            original(self, original_event, transform_input)
        elif self.event_pattern.matches_event(original_event):
            for target in functions:
                invoke_later(target["Arn"].rpartition(":")[2], json.dumps(original_event, default=str))

    _mend(Rule, "send_to_targets", send_to_targets)


def report_executions(report: Report) -> None:
    """EventBridge: no execution makes events. ``report`` gets each as it begins and as it ends, and must not block."""
    _reporters[:] = [report]


def leave_executions() -> None:
    """Let go of everything that runs, as if the service went away.

    No execution ends by this: none is ABORTED, none is reported, and none begins any more. Only its threads end.
    """
    with _start_lock:
        _gone.set()
        running = [execution for execution in _executions() if execution.exec_status == ExecutionStatus.RUNNING]
    for execution in running:
        execution.left = True
    for execution in running:
        _interrupt(execution, None, None)


def give_unnamed_executions_a_name() -> None:
    """Every execution that is started without a name is called None, and the second one is refused."""
    original = _method(StepFunctionsParserBackend, "start_execution")

    def start_execution(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: Any = None,
        trace_header: Any = None,
    ) -> Any:
        return original(self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header)

    _mend(StepFunctionsParserBackend, "start_execution", start_execution)


def start_executions_one_at_a_time() -> None:
    """Two requests at the same time start two executions of one name."""
    original = _method(StepFunctionsParserBackend, "start_execution")

    def start_execution(self: Any, *arguments: Any, **named: Any) -> Any:
        with _start_lock:
            if _gone.is_set():
                raise JsonRESTError("ServiceUnavailable", "the stack is stopping")
            return original(self, *arguments, **named)

    _mend(StepFunctionsParserBackend, "start_execution", start_execution)


def look_for_tokens_in_begun_executions_only() -> None:
    """While any execution is about to begin, answering a token of another one fails with an internal error."""
    original = _method(StepFunctionsParserBackend, "_get_executions")

    def get_executions(self: Any, execution_status: Any = None) -> list[Any]:
        executions = original(self, execution_status)
        return [execution for execution in executions if execution.exec_worker and execution.exec_worker.env]

    _mend(StepFunctionsParserBackend, "_get_executions", get_executions)


def take_the_first_answer_to_a_token() -> None:
    """A second answer to a token overwrites the first, and one to a task that timed out is taken for delivered."""
    original = _method(CallbackEndpoint, "notify")
    lock = threading.Lock()

    def notify(self: Any, outcome: Any) -> None:
        with lock:
            if self._notify_event.is_set():
                raise _task_timed_out()
            original(self, outcome)

    _mend(CallbackEndpoint, "notify", notify)


def call_tokens_of_gone_tasks_timed_out() -> None:
    """Tokens of ended executions are called invalid; AWS says TaskTimedOut, and InvalidToken to nonsense alone.

    That goes for tokens of an earlier moto too: its executions are gone, as if they had ended.
    """
    for action in ("send_task_success", "send_task_failure", "send_task_heartbeat"):
        _know_gone_tasks(action)


def _know_gone_tasks(action: str) -> None:
    original = _method(StepFunctionsParserBackend, action)

    def answer(self: Any, task_token: str, *arguments: Any, **named: Any) -> Any:
        try:
            return original(self, task_token, *arguments, **named)
        except Exception as error:
            if type(error).__name__ == "InvalidToken" and _is_token(task_token):
                raise _task_timed_out() from None
            raise

    _mend(StepFunctionsParserBackend, action, answer)


def refuse_answers_that_are_not_json() -> None:
    """An output that is not JSON is accepted and then breaks the execution."""
    original = _method(StepFunctionResponse, "send_task_success")

    def send_task_success(self: Any) -> Any:
        try:
            json.loads(self._get_param("output"))
        except ValueError:
            raise JsonRESTError("InvalidOutput", "Invalid Output: it is not JSON") from None
        return original(self)

    _mend(StepFunctionResponse, "send_task_success", send_task_success)


def keep_the_cause_of_a_task_failure() -> None:
    """SendTaskFailure drops the cause."""

    def send_task_failure(self: Any) -> Any:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    _mend(StepFunctionResponse, "send_task_failure", send_task_failure)


def keep_an_abortion_final() -> None:
    """What an execution was doing when it was stopped, or timed out, changes how it ended once that ends."""
    set_error = _method(Environment, "set_error")
    reflect = _method(BaseExecutionWorkerCommunication, "_reflect_execution_status")

    def set_error_unless_stopped(self: Any, error: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
            set_error(self, error)

    def reflect_unless_aborted(self: Any) -> None:
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            reflect(self)

    _mend(Environment, "set_error", set_error_unless_stopped)
    _mend(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect_unless_aborted)


def stop_executions_at_once() -> None:
    """Stopping drops error and cause, never wakes a task that waits for its token, and waits for a running function."""

    def stop_execution(self: Any) -> Any:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if execution.exec_status == ExecutionStatus.RUNNING:
            _stop(execution, self._get_param("error"), self._get_param("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    _mend(StepFunctionResponse, "stop_execution", stop_execution)


def report_beginnings_and_ends() -> None:
    """Nothing can hear of an execution's end; and what it waited for when it ended keeps its threads."""
    start = _method(Execution, "start")
    terminated = _method(BaseExecutionWorkerCommunication, "terminated")

    def start_and_report(self: Any) -> None:
        self.ended, self.left = threading.Event(), False
        start(self)
        _report(self)

    def terminated_and_report(self: Any) -> None:
        if self.execution.left:
            return
        terminated(self)
        if self.execution.exec_status != ExecutionStatus.ABORTED:  # who aborted it has said so
            _end(self.execution)

    _mend(Execution, "start", start_and_report)
    _mend(BaseExecutionWorkerCommunication, "terminated", terminated_and_report)


def start_executions_from_states() -> None:
    """A state cannot start an execution: parameters and answers keep the names that the other side does not know."""
    original = _method(StateTaskServiceSfn, "_normalise_parameters")

    def name_parameters(self: Any, parameters: Any, *arguments: Any, **named: Any) -> None:
        original(self, parameters, *arguments, **named)
        _replace(parameters, {name[:1].lower() + name[1:]: value for name, value in parameters.items()})

    def name_response(self: Any, response: Any, *_: Any, **__: Any) -> None:
        _replace(response, _as_answered(response))

    _mend(StateTaskServiceSfn, "_normalise_parameters", name_parameters)
    _mend(StateTaskServiceSfn, "_normalise_response", name_response)


def _replace(content: dict[str, Any], new: dict[str, Any]) -> None:
    content.clear()
    content.update(new)


def _as_answered(value: Any) -> Any:
    """Step Functions' own answers in a state's output: names in capitals, times in milliseconds."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if not isinstance(value, dict):
        return value
    return {
        name[:1].upper() + name[1:]: inner if name in ("input", "output") else _as_answered(inner)
        for name, inner in value.items()
    }


def end_child_executions_with_their_parents() -> None:
    """Stopping a parent, or the failure of a branch beside it, leaves a synchronous child execution running.

    And its end is asked for every half second; here it is waited for.
    """
    original = _method(StateTaskServiceSfn, "_build_sync2_resolver")
    eval_sync = _method(StateTaskServiceSfn, "_eval_sync")

    def build(self: Any, env: Any, *arguments: Any, **named: Any) -> Callable[[], Any]:
        child = next(found for found in _executions() if found.exec_arn == env.stack[-1]["ExecutionArn"])
        answer = original(self, env, *arguments, **named)

        def wait() -> Any:
            while not child.ended.wait(GLANCE):
                if not env.is_running():
                    return _stop(child, None, None)
            return answer() if env.is_running() else None

        return wait

    def wait_though_stopped(self: Any, env: Any, sync_resolver: Callable[[], Any], **named: Any) -> Any:
        """A parent that was stopped between the start of its child and its first look at it never looks."""
        outcome = eval_sync(self, env=env, sync_resolver=sync_resolver, **named)
        if not env.is_running():
            sync_resolver()
        return outcome

    _mend(StateTaskServiceSfn, "_build_sync2_resolver", build)
    _mend(StateTaskServiceSfn, "_eval_sync", wait_though_stopped)


def _stop(execution: Any, error: str | None, cause: str | None) -> None:
    if execution.left or not _interrupt(execution, error, cause):
        return
    execution.error, execution.cause, execution.stop_date = error, cause, datetime.now(UTC)
    execution.exec_status = ExecutionStatus.ABORTED
    _end(execution)


def _interrupt(execution: Any, error: str | None, cause: str | None) -> bool:
    """Have the threads of a running execution end; False if it ended by itself at this moment."""
    environment = _environment_of(execution)
    environment.set_stop(stop_date=datetime.now(UTC), error=error, cause=cause)
    if not isinstance(environment.program_state(), ProgramStopped):
        return False
    _record_nothing_but_the_abortion(environment.event_manager)
    _wake(environment)
    return True


def _end(execution: Any) -> None:
    """Once an execution: its status is final."""
    _wake(execution.exec_worker.env)
    execution.ended.set()
    _report(execution)


def _wake(environment: Any) -> None:
    for endpoint in list(environment.callback_pool_manager._pool.values()):
        endpoint.interrupt_all()


def _report(execution: Any) -> None:
    for report in _reporters:
        report(execution)


def _executions() -> list[Any]:
    return [
        execution
        for account in list(stepfunctions_parser_backends.values())
        for backend in list(account.values())
        for machine in list(backend.state_machines)
        for execution in list(machine.executions)
    ]


def _environment_of(execution: Any) -> Any:
    """An execution can be stopped only when it has begun, which is a moment after it was started."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        environment = execution.exec_worker.env
        if environment is not None and environment.program_state() is not None:
            return environment
        time.sleep(0.01)
    raise TimeoutError(f"{execution.exec_arn} does not begin")


def _record_nothing_but_the_abortion(events: Any) -> None:
    add_event = events.add_event

    def add_abortion(*arguments: Any, **named: Any) -> None:
        if named.get("event_type") == HistoryEventType.ExecutionAborted:
            add_event(*arguments, **named)

    events.add_event = add_abortion


def _task_timed_out() -> JsonRESTError:
    return JsonRESTError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def _is_token(token: str) -> bool:
    try:
        uuid.UUID(token)
    except ValueError:
        return False
    return True


def _method(owner: type, name: str) -> Callable[..., Any]:
    """The method as it is now; AttributeError says that moto has changed."""
    method: Callable[..., Any] = getattr(owner, name)
    return method


def _original(owner: type, name: str) -> Callable[..., Any]:
    """The method as moto wrote it, however often it was replaced since."""
    return _originals.setdefault((owner, name), _method(owner, name))


def _mend(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)
