"""Launches runs for executions of the state machine `<stack>-launch`."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.api.launch_input import launch_request, refusals

_function = bootstrap.launch_function()


@logs.logged
@_function.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Launch a run as the execution's input says, once for each idempotency key or else for each execution.

    Raises:
        LaunchRefused: the input is not valid, or executions may not launch runs in the organisation.
    """
    with refusals():
        return _function.launch(launch_request(event["launch"]), event["execution"])
