"""How the end of an execution ends its run, if the run is still open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, assert_never

from baton.budgets import shortened
from baton.model import ExecutionStatus, RunEnd, RunStatus
from baton.ports.recovery import ExecutionDescription, SettleCommand


def settlement(run_id: str, generation: int, description: ExecutionDescription) -> SettleCommand:
    """The command that ends the run: aborted if its execution was stopped, failed after any other end."""
    status: RunEnd = RunStatus.ABORTED if _was_stopped(description) else RunStatus.FAILED
    return SettleCommand(run_id, generation, status, _error(description))


def _error(description: ExecutionDescription) -> Mapping[str, Any]:
    """The run's error, with the reason of a person or a function as plain text instead of JSON."""
    kind, message = _kind_and_message(description.status)
    reason = _reason(description.cause)
    if _was_stopped(description) or not reason:
        message = ": ".join(filter(None, [message, description.error, reason]))
    else:
        message = reason
    named = kind if _was_stopped(description) else description.error or kind
    return {"type": shortened(named), "message": shortened(message)}


def _was_stopped(description: ExecutionDescription) -> bool:
    return description.status is ExecutionStatus.ABORTED


def _kind_and_message(status: ExecutionStatus) -> tuple[str, str]:
    """The type of the run's error, and its message if the execution has no reason."""
    match status:
        case ExecutionStatus.TIMED_OUT:
            return "States.Timeout", "the run took longer than its definition allows"
        case ExecutionStatus.ABORTED:
            return "ExecutionStopped", "its execution was stopped"
        case ExecutionStatus.SUCCEEDED:
            return "ExecutionEnded", "its execution has ended and left steps open"
        case ExecutionStatus.FAILED | ExecutionStatus.LOST | ExecutionStatus.RUNNING | ExecutionStatus.PENDING_REDRIVE:
            return "ExecutionFailed", "its execution failed, and Step Functions gives no reason"
        case _:
            assert_never(status)


def _reason(cause: str | None) -> str:
    """A Lambda function's failure is JSON with an ``errorMessage``; other causes are text."""
    try:
        failure = json.loads(cause or "")
    except ValueError:
        return cause or ""
    return str(failure.get("errorMessage") or cause) if isinstance(failure, dict) else str(cause)
