"""What the end of an execution means for its run, if that is still open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, assert_never

from baton.model import ExecutionStatus, RunEnd, RunStatus
from baton.ports.recovery import ExecutionStanding, SettleCommand


def settlement(run_id: str, generation: int, standing: ExecutionStanding) -> SettleCommand:
    """An execution that was stopped aborts its run, any other end fails it."""
    status: RunEnd = RunStatus.ABORTED if _was_stopped(standing) else RunStatus.FAILED
    return SettleCommand(run_id, generation, status, _error(standing))


def _error(standing: ExecutionStanding) -> Mapping[str, Any]:
    """What happened, readable: the reason that a person or a function gave, not the JSON around it."""
    kind, message = _said_of(standing.status)
    reason = _reason(standing.cause)
    if _was_stopped(standing) or not reason:
        message = ": ".join(filter(None, [message, standing.error, reason]))
    else:
        message = reason
    return {"type": kind if _was_stopped(standing) else standing.error or kind, "message": message}


def _was_stopped(standing: ExecutionStanding) -> bool:
    return standing.status is ExecutionStatus.ABORTED


def _said_of(status: ExecutionStatus) -> tuple[str, str]:
    """The type of the run's error and, where nobody gave a reason, its message."""
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
        told = json.loads(cause or "")
    except ValueError:
        return cause or ""
    return str(told.get("errorMessage") or cause) if isinstance(told, dict) else str(cause)
