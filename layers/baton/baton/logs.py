"""The log of a function: one line of JSON for each invocation, and what its parts report. ASCII alone, so that no text
of an agent's can look like a line of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, TextIO

from aws_lambda_powertools import Logger

from baton import invocation

Handler = Callable[[Any, Any], Any]


output: ContextVar[TextIO | None] = ContextVar("output", default=None)
"""Where the function logs, if not to ``sys.stdout``: locally, functions share a process, and each sets its own."""


class _Output:
    """Looked up when something is written: locally, functions of one name share a logger, too."""

    def write(self, text: str) -> None:
        (output.get() or sys.stdout).write(text)

    def flush(self) -> None:
        (output.get() or sys.stdout).flush()


def logger() -> Logger:
    """The function's. Made at the cold start and not at import: locally, functions share what they import."""
    return Logger(stream=_Output(), json_serializer=partial(json.dumps, default=str, ensure_ascii=True))  # type: ignore[arg-type]


def logged(handler: Handler) -> Handler:
    """Decorates a handler: writes one line when it returns or raises, with what ``invocation`` tells, its time in
    milliseconds, whether it was a cold start, and the name of what it raised."""
    log, is_cold = logger(), [True]

    @wraps(handler)
    def call(event: Any, context: Any) -> Any:
        told, begun = invocation.begin(), time.monotonic()
        answer: Any = None
        outcome: dict[str, Any] = {}
        try:
            answer = handler(event, context)
        except BaseException as error:
            outcome = {"error": type(error).__name__}
            raise
        finally:
            line = {
                **invocation.about(event, answer),
                **told,
                **outcome,
                "request": getattr(context, "aws_request_id", None),
                "duration_ms": round((time.monotonic() - begun) * 1000),
                "cold_start": is_cold.pop() if is_cold else False,
            }
            log.info("invocation", extra=line)
        return answer

    return call
