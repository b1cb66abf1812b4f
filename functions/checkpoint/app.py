"""Opens checkpoints. A checkpoint is a Task state that waits, with a token, for a person's decision."""

from __future__ import annotations

from typing import Any, assert_never

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs, run_input
from baton.model import CheckpointTask
from baton.ports.checkpoints import WaitingTask

_checkpoint = bootstrap.checkpoint_function()


@logs.logged
@_checkpoint.outbox.delivers
@run_input.of_a_run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Open the approval and keep the token, while the state waits; or settle an approval whose time is over."""
    task = CheckpointTask(event["action"])
    match task:
        case CheckpointTask.OPEN:
            return _checkpoint.open(WaitingTask.of_call(event))
        case CheckpointTask.EXPIRE:
            return _checkpoint.expire(event["run_id"], event["step_id"], event["execution"])
        case _:
            assert_never(task)
