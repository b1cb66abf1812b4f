"""The HTTP API: every request comes in here."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.api import routes

_function = bootstrap.api_function()
_api = routes.build(_function)


@logs.logged
@_function.outbox.delivers
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API request (payload format 2.0)."""
    return _api.resolve(event, context)
