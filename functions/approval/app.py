"""Takes decisions. Only this function can read a checkpoint's token and complete it."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.ports.approvals import DecisionCommand

_approval = bootstrap.approval_function()


@logs.logged
@_approval.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{"decide": command}`` takes a decision; ``{"deliver": id}`` delivers a decision that is in the record."""
    if "deliver" in event:
        _approval.deliver(event["deliver"])
        return {"delivered": event["deliver"]}
    return _approval.decide(DecisionCommand.from_json(event["decide"])).to_json()
