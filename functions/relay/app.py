"""The relay: delivers the effects in the outbox that the function which wrote them could not deliver."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap

_relay = bootstrap.relay_function()


@_relay.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Deliver all effects that are due. The schedule calls this every minute.

    ``{"adopt": true}`` gives every open run its next execution instead; the local stack sends it at its start.
    """
    if event.get("adopt"):
        return {"adopted": dict(_relay.adopt())}
    return _relay.sweep()
