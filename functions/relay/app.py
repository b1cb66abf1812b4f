"""The relay: delivers the effects in the outbox that the function which wrote them could not deliver."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, invocation, logs

_relay = bootstrap.relay_function()


@logs.logged
@_relay.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Expire approvals whose time is over, deliver all effects that are due, and send what webhooks wait for. The
    schedule calls this every minute.

    ``{"adopt": {"before"?, "limit"?}}`` gives open runs their next executions instead; the local stack sends it at its
    start, and again until all are adopted.
    """
    seconds_left = invocation.time_left(context)
    if "adopt" in event:
        return _relay.adopt(seconds_left, **event["adopt"])
    expired = _relay.expire(seconds_left)
    return {**_relay.sweep(seconds_left), **_relay.webhooks(), "expired": expired}
