"""Settles runs whose execution ended without them: stopped in the console, timed out, crashed, or lost."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.ports.recovery import ExecutionStanding

_reconcile = bootstrap.reconcile_function()


@logs.logged
@_reconcile.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Step Functions tells that an execution has ended; called by the schedule, look for ends that nobody told."""
    detail = event["detail"]
    if "executionArn" not in detail:
        return _reconcile.sweep()
    standing = ExecutionStanding(detail["status"], detail.get("error"), detail.get("cause"))
    return _reconcile.settle(detail["executionArn"], standing)
