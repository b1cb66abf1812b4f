"""Opens gates. A gate is a Task state that waits, with a token, until its step may continue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs, run_input
from baton.ports.checkpoints import WaitingTask

_gate = bootstrap.gate_function()


@logs.logged
@_gate.outbox.delivers
@run_input.of_a_run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Keep the token. The state waits after this returns, unless its step may continue at once."""
    return _gate.open(WaitingTask.of_call(event))
