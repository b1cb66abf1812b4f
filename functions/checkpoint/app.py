"""A checkpoint: the Task state that waits, with a token, for a person's decision."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.ports.checkpoints import WaitingTask

_checkpoint = bootstrap.checkpoint_function()


@logs.logged
@_checkpoint.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Open the approval and keep the token (the state goes on waiting), or settle one that nobody decided in time."""
    if event["action"] == "expire":
        return _checkpoint.expire(event["run_id"], event["step_id"], event["execution"])
    return _checkpoint.open(
        WaitingTask(
            run_id=event["run_id"],
            step_id=event["step_id"],
            generation=event["generation"],
            digest=event["digest"],
            token=event["token"],
            execution=event["execution"],
        )
    )
