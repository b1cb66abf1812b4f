"""The sweep: delivers what a commit left to do and its writer could not."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap

_relay = bootstrap.relay_function()


@_relay.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Called by the schedule; ``{"adopt": true}`` first gives every open run its next execution, for an engine that
    knows that all of its executions are gone."""
    if event.get("adopt"):
        return {"adopted": dict(_relay.adopt())}
    return _relay.sweep()
