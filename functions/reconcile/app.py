"""Settles runs that are open after their execution has ended: it was stopped, timed out, crashed or is lost."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, invocation, logs
from baton.model import ExecutionStatus
from baton.ports.recovery import ExecutionDescription

_reconcile = bootstrap.reconcile_function()


@logs.logged
@_reconcile.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Settle the run of an execution that has ended; a call of the schedule looks for all such executions."""
    seconds_left = invocation.time_left(context)
    detail = event["detail"]
    if "executionArn" not in detail:
        return {**_reconcile.sweep(), **_reconcile.confirm_ends(seconds_left), **_reconcile.find_unknown()}
    description = ExecutionDescription(ExecutionStatus(detail["status"]), detail.get("error"), detail.get("cause"))
    return _reconcile.settle(detail["executionArn"], description)
