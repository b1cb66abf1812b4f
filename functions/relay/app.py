"""The sweep: delivers what a commit left to do and its writer could not."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs

_relay = bootstrap.relay_function()


@logs.logged
@_relay.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Called by the schedule; ``{"adopt": {"before"?, "limit"?}}`` gives open runs their next executions, for an engine
    that knows that all executions of before are gone."""

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis() / 1000)

    if "adopt" in event:
        return _relay.adopt(seconds_left, **event["adopt"])
    return _relay.sweep(seconds_left)
