"""The live status of runs, as server-sent events."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import bootstrap, logs
from baton.api import stream

_stream = stream.build(bootstrap.stream_function())


@logs.logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API request (payload format 2.0); it may take a few seconds."""
    return _stream.resolve(event, context)
