"""The log of a function: one line of JSON for each invocation, and further lines that its code writes. Lines have only
ASCII characters, so that no text of an agent can look like another line."""

from __future__ import annotations

import json
import logging
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
"""The file that the function logs to. None: ``sys.stdout``. On the local stack, functions share a process, and each
sets a file of its own."""


class _Output:
    """Finds the file at each write, because on the local stack the environments of a function share a logger."""

    def write(self, text: str) -> None:
        (output.get() or sys.stdout).write(text)

    def flush(self) -> None:
        (output.get() or sys.stdout).flush()


class _FunctionLogger(Logger):
    """Powertools gives its logger the name of the service. A library may have a logger of that name (``mcp``), and a
    level of the library's would silence the function. So this one has a name that no module can have."""

    def _get_logger(self) -> logging.Logger:
        return logging.getLogger(f"function:{self.service}")


def logger() -> Logger:
    """A new logger of the function. Call it at the cold start and not at import, because on the local stack functions
    share the modules that they import."""
    return _FunctionLogger(
        stream=_Output(),  # type: ignore[arg-type]
        json_serializer=partial(json.dumps, default=str, ensure_ascii=True),
    )


def logged(handler: Handler) -> Handler:
    """Decorates a handler: when it returns or raises, writes one line. The line has the fields of ``invocation``, the
    duration in milliseconds, whether it was a cold start, and the class name of an exception that the handler
    raised."""
    log, is_cold = logger(), [True]

    @wraps(handler)
    def call(event: Any, context: Any) -> Any:
        fields, begun = invocation.begin(), time.monotonic()
        answer: Any = None
        outcome: dict[str, Any] = {}
        try:
            answer = handler(event, context)
        except BaseException as error:
            outcome = {"error": type(error).__name__}
            raise
        finally:
            line = {
                **invocation.fields_of(event, answer),
                **fields,
                **outcome,
                "request": getattr(context, "aws_request_id", None),
                "duration_ms": round((time.monotonic() - begun) * 1000),
                "cold_start": is_cold.pop() if is_cold else False,
            }
            log.info("invocation", extra=line)
        return answer

    return call
