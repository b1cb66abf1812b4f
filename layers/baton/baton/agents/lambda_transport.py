"""Agents that are Lambda functions of this deployment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from baton import exact_json
from baton.clients import CREATION_LOCK, one_call
from baton.errors import AgentCallFailed, AgentThrottled

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


MAX_CLIENTS = 8
MAX_CALL_BYTES = 6 * 1024 * 1024  # of the event of a call that waits for its answer; the limit of Lambda
_THROTTLED = ("TooManyRequestsException", "ThrottlingException", "EC2ThrottledException")
_TOO_LARGE = ("RequestEntityTooLargeException", "RequestTooLargeException", "413")


class LambdaTransport:
    """Invokes ``<prefix><transport.function>`` and waits for its answer."""

    def __init__(self, function_prefix: str) -> None:
        self._prefix = function_prefix
        self._client = lru_cache(maxsize=MAX_CLIENTS)(_new_client)  # one for each deadline

    def __call__(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

        function = self._prefix + transport["function"]
        event = exact_json.dumps(task).encode()
        if len(event) > MAX_CALL_BYTES:
            raise _call_too_large(function, f"has {len(event)} bytes; Lambda accepts at most {MAX_CALL_BYTES}")
        client = self._client(int(deadline_seconds) + 5)
        try:
            answer = client.invoke(FunctionName=function, Payload=event)
        except ReadTimeoutError as error:
            raise AgentCallFailed(
                "AgentTimedOut", f"{function} did not answer within {int(deadline_seconds)} s", retryable=True
            ) from error
        except ClientError as error:
            code = error.response["Error"].get("Code")
            if code in _THROTTLED:
                raise AgentThrottled(f"{function}: {error}") from error
            if code in _TOO_LARGE:
                raise _call_too_large(function, f"is too large for Lambda: {error}") from error
            missing = code == "ResourceNotFoundException"
            raise AgentCallFailed("AgentUnreachable", f"{function}: {error}", retryable=not missing) from error
        except BotoCoreError as error:
            raise AgentCallFailed("AgentUnreachable", f"{function}: {error}", retryable=True) from error
        body = exact_json.loads(answer["Payload"].read().decode())
        if answer.get("FunctionError"):
            raise _raised(function, body)
        return body


def _call_too_large(function: str, what: str) -> AgentCallFailed:
    reason = f"the call of {function} {what}; let the step's input refer to less"
    return AgentCallFailed("CallTooLarge", reason, retryable=False)


def _raised(function: str, body: Any) -> AgentCallFailed:
    details = body if isinstance(body, Mapping) else {}
    kind = str(details.get("errorType") or "AgentRaised")
    if kind == "Sandbox.Timedout":
        kind = "AgentTimedOut"
    if kind == "Function.ResponseSizeTooLarge":
        reason = f"{function} answered more than Lambda can return: {details.get('errorMessage')}"
        return AgentCallFailed("AnswerTooLarge", reason, retryable=False)
    return AgentCallFailed(kind, str(details.get("errorMessage") or f"{function} failed"), retryable=True, answer=body)


def _new_client(read_timeout: int) -> LambdaClient:
    import boto3
    from botocore.config import Config

    with CREATION_LOCK:
        return boto3.client("lambda", config=Config(**one_call(read_timeout)))
