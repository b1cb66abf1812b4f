"""Mends the end of executions, and reports their beginning and end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_fixes import starts
from local.moto_fixes.methods import current_method, replace_method

Report = Callable[[Execution], None]
POLL_SECONDS = 0.2  # a parent that waits for its child execution checks at this interval whether it was stopped
MAX_BEGIN_SECONDS = 30.0  # a started execution must begin within this time
reporters: list[Report] = []


def report_executions(report: Report) -> None:
    """moto sends no events of executions. ``report`` is called when one begins and when it ends; it must not block."""
    reporters[:] = [report]


def abandon_executions() -> None:
    """End the threads of all running executions, as if the service went away.

    No execution ends by this: none becomes ABORTED, and none is reported. No other execution can start afterwards.
    """
    with starts.start_lock:
        starts.stopping.set()
        running = [execution for execution in _executions() if execution.exec_status == ExecutionStatus.RUNNING]
    for execution in running:
        execution.abandoned = True
    for execution in running:
        _interrupt(execution, None, None)


def keep_an_abort_final() -> None:
    """The work of a stopped or timed-out execution goes on, and its end overwrites the execution's status."""
    set_error = current_method(Environment, "set_error")
    reflect = current_method(BaseExecutionWorkerCommunication, "_reflect_execution_status")

    def set_error_unless_stopped(self: Any, error: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
            set_error(self, error)

    def reflect_unless_aborted(self: Any) -> None:
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            reflect(self)

    replace_method(Environment, "set_error", set_error_unless_stopped)
    replace_method(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect_unless_aborted)


def stop_executions_at_once() -> None:
    """Stopping drops error and cause, does not wake a task that waits for its token, and waits for a function."""

    def stop_execution(self: Any) -> Any:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if execution.exec_status == ExecutionStatus.RUNNING:
            _stop(execution, self._get_param("error"), self._get_param("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    replace_method(StepFunctionResponse, "stop_execution", stop_execution)


def report_beginnings_and_ends() -> None:
    """moto does not report the end of an execution. A task that waits at that moment keeps its threads."""
    start = current_method(Execution, "start")
    terminated = current_method(BaseExecutionWorkerCommunication, "terminated")

    def start_and_report(self: Any) -> None:
        self.ended, self.abandoned = threading.Event(), False
        start(self)
        _report(self)

    def terminated_and_report(self: Any) -> None:
        if self.execution.abandoned:
            return
        terminated(self)
        if self.execution.exec_status != ExecutionStatus.ABORTED:  # ``_stop`` has reported an abort
            _end(self.execution)

    replace_method(Execution, "start", start_and_report)
    replace_method(BaseExecutionWorkerCommunication, "terminated", terminated_and_report)


def end_child_executions_with_their_parents() -> None:
    """A synchronous child execution goes on when its parent is stopped, or when a branch beside it fails.

    moto also polls for its end every half second; here an event wakes the parent.
    """
    original = current_method(StateTaskServiceSfn, "_build_sync2_resolver")
    eval_sync = current_method(StateTaskServiceSfn, "_eval_sync")

    def build(self: Any, env: Any, *arguments: Any, **named: Any) -> Callable[[], Any]:
        child_arn = env.stack[-1]["ExecutionArn"]
        child = next(execution for execution in _executions() if execution.exec_arn == child_arn)
        answer = original(self, env, *arguments, **named)

        def wait() -> Any:
            while not child.ended.wait(POLL_SECONDS):
                if not env.is_running():
                    return _stop(child, None, None)
            return answer() if env.is_running() else None

        return wait

    def wait_even_if_stopped(self: Any, env: Any, sync_resolver: Callable[[], Any], **named: Any) -> Any:
        """moto does not call the resolver if the parent is stopped between the child's start and the first call."""
        outcome = eval_sync(self, env=env, sync_resolver=sync_resolver, **named)
        if not env.is_running():
            sync_resolver()
        return outcome

    replace_method(StateTaskServiceSfn, "_build_sync2_resolver", build)
    replace_method(StateTaskServiceSfn, "_eval_sync", wait_even_if_stopped)


def _stop(execution: Any, error: str | None, cause: str | None) -> None:
    if execution.abandoned or not _interrupt(execution, error, cause):
        return
    execution.error, execution.cause, execution.stop_date = error, cause, datetime.now(UTC)
    execution.exec_status = ExecutionStatus.ABORTED
    _end(execution)


def _interrupt(execution: Any, error: str | None, cause: str | None) -> bool:
    """End the threads of a running execution. False if it ended by itself at this moment."""
    environment = _environment_of(execution)
    environment.set_stop(stop_date=datetime.now(UTC), error=error, cause=cause)
    if not isinstance(environment.program_state(), ProgramStopped):
        return False
    _record_only_the_abort(environment.event_manager)
    _wake(environment)
    return True


def _end(execution: Any) -> None:
    """Called once for each execution, when its status is final."""
    _wake(execution.exec_worker.env)
    execution.ended.set()
    _report(execution)


def _wake(environment: Any) -> None:
    for endpoint in list(environment.callback_pool_manager._pool.values()):
        endpoint.interrupt_all()


def _report(execution: Any) -> None:
    for report in reporters:
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
    """Waits until the execution begins, shortly after its start: it cannot be stopped before."""
    deadline = time.monotonic() + MAX_BEGIN_SECONDS
    while time.monotonic() < deadline:
        environment = execution.exec_worker.env
        if environment is not None and environment.program_state() is not None:
            return environment
        time.sleep(0.01)
    raise TimeoutError(f"{execution.exec_arn} does not begin")


def _record_only_the_abort(events: Any) -> None:
    add_event = events.add_event

    def add_abort(*arguments: Any, **named: Any) -> None:
        if named.get("event_type") == HistoryEventType.ExecutionAborted:
            add_event(*arguments, **named)

    events.add_event = add_abort
