"""Replaces the Lambda service: runs functions of this checkout in environments that serve one call at a time."""

from __future__ import annotations

import json
import os
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TextIO

from local.lambda_context import LambdaContext
from local.log_file import as_line
from local.sandbox import Handler, Sandbox
from local.template import REGION, Function

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100  # the limit of Lambda
MAX_ENVIRONMENTS = 32  # of one function at the same time, each with a database connection; further calls wait
RETRY_PAUSES_SECONDS = (1.0, 2.0)  # before an event's function is tried again; Lambda waits for minutes instead
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_PROXY")


class UnknownFunction(KeyError):
    """No function of the template has this name."""


@dataclass(frozen=True)
class InvocationResult:
    """The result of an invocation: JSON text, and whether it describes an error."""

    payload: str
    is_error: bool = False


class Runtime:
    """Invokes functions by name. ``aws`` are the variables that Lambda adds: region, credentials, endpoint."""

    def __init__(self, functions: Sequence[Function], aws: Mapping[str, str], output: TextIO) -> None:
        self._functions = {function.name: function for function in functions}
        self._aws = aws
        self._output = output
        self._idle: dict[str, list[tuple[Sandbox, Handler]]] = defaultdict(list)
        self._changed = threading.Condition()
        self._at_work: dict[str, int] = defaultdict(int)
        self._busy = 0
        self._closed = False
        self._closing = threading.Event()

    def invoke(self, name: str, event: str) -> InvocationResult:
        """Invoke and wait. ``event`` is JSON text. Raises UnknownFunction."""
        function = self._function(name)
        self._count(1)
        return self._invoke_counted(function, event)

    def invoke_later(self, name: str, event: str) -> None:
        """Invoke without waiting (InvocationType Event). A failure is retried as often as the template says."""
        function = self._function(name)
        self._count(1)
        arguments = (function, event, RETRY_PAUSES_SECONDS[: function.retries])
        threading.Thread(target=self._invoke_counted, args=arguments, name=f"event for {name}", daemon=True).start()

    def close(self, *, grace: float = 5.0) -> None:
        """Wait up to ``grace`` seconds for running calls, then close every idle environment."""
        deadline = time.monotonic() + grace
        self._closing.set()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._busy == 0, timeout=max(0.0, deadline - time.monotonic()))
            for environments in self._idle.values():
                for sandbox, _ in environments:
                    sandbox.close()
            self._idle.clear()

    def environment_of(self, function: Function) -> dict[str, str]:
        """All variables that the function sees."""
        inherited = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        runtime = {
            "_HANDLER": function.handler,
            "LAMBDA_TASK_ROOT": str(function.folder),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
        return {**inherited, **runtime, **self._aws, **function.environment}

    def _function(self, name: str) -> Function:
        if name not in self._functions:
            raise UnknownFunction(name)
        return self._functions[name]

    def _count(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()

    def _invoke_counted(self, function: Function, event: str, pauses: Sequence[float] = ()) -> InvocationResult:
        try:
            answer = self._invoke(function, event)
            for pause in pauses:
                if not answer.is_error or self._closing.wait(pause):
                    break
                answer = self._invoke(function, event)
            return answer
        finally:
            self._count(-1)

    def _invoke(self, function: Function, event: str) -> InvocationResult:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._at_work[function.name] < MAX_ENVIRONMENTS)
            self._at_work[function.name] += 1
            idle = self._idle[function.name]
            environment = idle.pop() if idle else None
        try:
            return self._invoke_in(environment, function, event)
        finally:
            with self._changed:
                self._at_work[function.name] -= 1
                self._changed.notify_all()

    def _invoke_in(
        self, environment: tuple[Sandbox, Handler] | None, function: Function, event: str
    ) -> InvocationResult:
        if environment is None:
            sandbox = Sandbox(function, self.environment_of(function), self._output)
            loading = sandbox.load()
            if error := loading.exception():
                sandbox.close()
                return self._failed(error, "init")
            environment = sandbox, loading.result()
        return self._run(*environment, event)

    def _run(self, sandbox: Sandbox, handler: Handler, event: str) -> InvocationResult:
        context = LambdaContext(sandbox.function)
        call = sandbox.submit(lambda: handler(json.loads(event), context))
        wait([call], timeout=sandbox.function.timeout)
        if not call.done():
            sandbox.close()  # the environment is not used again
            message = f"Task timed out after {sandbox.function.timeout:.2f} seconds"
            return _error("Sandbox.Timedout", f"RequestId: {context.aws_request_id} Error: {message}")
        error = call.exception()
        if isinstance(error, SystemExit):
            sandbox.close()
        else:
            self._keep(sandbox, handler)
        return _response(call.result()) if error is None else self._failed(error, context.aws_request_id)

    def _keep(self, sandbox: Sandbox, handler: Handler) -> None:
        with self._changed:
            if self._closed:
                sandbox.close()
            else:
                self._idle[sandbox.function.name].append((sandbox, handler))

    def _failed(self, error: BaseException, request_id: str) -> InvocationResult:
        trace = traceback.format_exception(error)
        line = as_line(f"{type(error).__name__}: {error}", level="ERROR", request=request_id, exception="".join(trace))
        print(line, file=self._output, flush=True)
        if isinstance(error, SystemExit):
            return _error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited")
        if isinstance(error, ImportError) and request_id == "init":
            return _error("Runtime.ImportModuleError", str(error))
        return _error(type(error).__name__, str(error), requestId=request_id, stackTrace=trace[1:-1])


def _response(result: Any) -> InvocationResult:
    """Serialise like the Lambda runtime: decimals become floats, other types are an error."""
    try:
        payload = json.dumps(result, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        return _error("Runtime.MarshalError", f"Unable to marshal response: {error}")
    if len(payload.encode()) > MAX_RESPONSE_BYTES:
        return _error(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
        )
    return InvocationResult(payload)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} is not JSON serializable")


def _error(kind: str, message: str, **more: Any) -> InvocationResult:
    return InvocationResult(json.dumps({"errorMessage": message, "errorType": kind, **more}), is_error=True)
