"""Lambda carries 6 MB each way. A larger call or answer is a failure without a retry, here as on AWS."""

from __future__ import annotations

import json

import pytest

from baton.agents import lambda_transport
from baton.agents.call import AgentDirectory
from baton.agents.lambda_transport import MAX_CALL_BYTES, LambdaTransport
from baton.errors import AgentCallFailed
from local.runtime import InvocationResult
from tests.integration.simulated_aws.machines import FakeFunctions

TOO_LARGE = {
    "errorType": "Function.ResponseSizeTooLarge",
    "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
}


def call(function: str, bytes_too_many: int = 0) -> AgentCallFailed:
    task = {"agent": "greeter", "payload": ""}
    task["payload"] = "x" * (MAX_CALL_BYTES - len(json.dumps(task, separators=(",", ":"))) + bytes_too_many)
    with pytest.raises(AgentCallFailed) as raised:
        AgentDirectory({"lambda": LambdaTransport("")}).call({"type": "lambda", "function": function}, task, 60)
    return raised.value


def test_a_call_beyond_the_limit_is_never_made(functions: FakeFunctions, function: str) -> None:
    error = call(function, bytes_too_many=1)
    assert (error.kind, error.retryable) == ("CallTooLarge", False)
    assert f"has {MAX_CALL_BYTES + 1} bytes; Lambda accepts at most {MAX_CALL_BYTES}" in str(error)
    assert not functions.entered.is_set()


def test_a_call_of_the_largest_size_is_made(functions: FakeFunctions, function: str) -> None:
    assert call(function).kind == "AnswerInvalid"  # `{}`
    assert functions.entered.is_set()


def test_the_simulated_lambda_has_the_limit_of_lambda(
    functions: FakeFunctions, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambda_transport, "MAX_CALL_BYTES", 2 * MAX_CALL_BYTES)
    error = call(function, bytes_too_many=1)
    assert (error.kind, error.retryable) == ("CallTooLarge", False)
    assert "RequestEntityTooLargeException" in str(error)
    assert not functions.entered.is_set()


def test_an_answer_beyond_the_limit_is_not_retryable(functions: FakeFunctions, function: str) -> None:
    functions.answer = InvocationResult(json.dumps(TOO_LARGE), is_error=True)
    error = call(function)
    assert (error.kind, error.retryable) == ("AnswerTooLarge", False)
    assert "6291556 bytes" in str(error)
