"""What the end of an execution means for its run, if that is still open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from baton.ports.recovery import ExecutionStanding, SettleCommand

_TOLD = {
    "TIMED_OUT": ("States.Timeout", "the run took longer than its definition allows"),
    "ABORTED": ("ExecutionStopped", "its execution was stopped"),
    "SUCCEEDED": ("ExecutionEnded", "its execution has ended and left steps open"),
}
_NO_REASON = ("ExecutionFailed", "its execution failed, and Step Functions gives no reason")


def settlement(run_id: str, generation: int, standing: ExecutionStanding) -> SettleCommand:
    """An execution that was stopped aborts its run, any other end fails it."""
    status = "aborted" if standing.status == "ABORTED" else "failed"
    return SettleCommand(run_id, generation, status, _error(standing))


def _error(standing: ExecutionStanding) -> Mapping[str, Any]:
    """What happened, readable: the reason that a person or a function gave, not the JSON around it."""
    kind, message = _TOLD.get(standing.status, _NO_REASON)
    reason = _reason(standing.cause)
    if standing.status == "ABORTED" or not reason:
        message = ": ".join(filter(None, [message, standing.error, reason]))
    else:
        message = reason
    return {"type": kind if standing.status == "ABORTED" else standing.error or kind, "message": message}


def _reason(cause: str | None) -> str:
    """A Lambda function's failure is JSON with an ``errorMessage``; other causes are text."""
    try:
        told = json.loads(cause or "")
    except ValueError:
        return cause or ""
    return str(told.get("errorMessage") or cause) if isinstance(told, dict) else str(cause)
