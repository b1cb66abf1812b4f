"""Agents anywhere on the web: the contract's JSON posted to a URL, behind the address guard.

It follows no redirect, and repeats a call only after the answer "still at work". One deadline covers the look-up of the
name, the connection, the request and the answer.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from baton import exact_json
from baton.agents.address_guard import AddressGuard, Endpoint
from baton.agents.http_connection import connect, host_header
from baton.agents.http_exchange import BrokenAnswer, Deadline, Response, exchange
from baton.errors import AddressRefused, AgentCallFailed

MAX_ANSWER_BYTES = 6 * 1024 * 1024  # the limit of a Lambda function, so that an agent can move either way
MAX_REASON_CHARACTERS = 2000
STILL_AT_WORK = 409
MAX_PAUSE_SECONDS = 30.0  # before the next call of an agent that is still at work; the first pause is one second
_PROXY_ERRORS = (502, 503, 504)  # from a proxy, or from an agent that has not begun


@dataclass(frozen=True)
class HttpTransport:
    """Posts to ``transport.url`` and waits for its answer, at most ``transport.timeout_seconds`` if that is given.

    ``trust`` makes the TLS context; the system's certificates by default. ``pause`` waits for so many seconds.
    """

    guard: AddressGuard
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def __call__(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Any:
        """The agent's answer as JSON data. The caller checks it against the contract.

        Raises:
            AgentCallFailed: time-outs and broken connections are retryable, and so are the statuses 5xx, 429 and 409,
                unless the answer is the contract's own failure and says otherwise.
        """
        seconds = min(deadline_seconds, float(transport.get("timeout_seconds") or deadline_seconds))
        deadline = Deadline(self.clock() + seconds, self.clock)
        try:
            endpoint = self.guard.check(str(transport["url"]))
        except AddressRefused as error:
            raise AgentCallFailed("AddressRefused", f"the agent's URL {error}", retryable=False) from error
        try:
            return self._answer(endpoint, task, deadline).content()
        except AddressRefused as error:
            raise AgentCallFailed("AddressRefused", str(error), retryable=False) from error
        except TimeoutError as error:
            raise AgentCallFailed(
                "AgentTimedOut", f"{endpoint} did not answer within {seconds:g} s", retryable=True
            ) from error
        except (OSError, BrokenAnswer) as error:
            reason = f"{endpoint}: {type(error).__name__}: {error}"
            raise AgentCallFailed("AgentUnreachable", reason[:MAX_REASON_CHARACTERS], retryable=True) from error

    def _answer(self, endpoint: Endpoint, task: Mapping[str, Any], deadline: Deadline) -> _Answer:
        """The answer to the call. It repeats the call, with the same key, while the agent is still at work."""
        pause = 1.0
        while True:
            answer = _Answer(endpoint, self._post(endpoint, task, deadline))
            if not answer.is_still_at_work or deadline.left() <= pause:
                return answer
            self.pause(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    def _post(self, endpoint: Endpoint, task: Mapping[str, Any], deadline: Deadline) -> Response:
        addresses = self.guard.resolve(endpoint, deadline.left())
        with closing(connect(endpoint, addresses, deadline, lambda: self._tls)) as connected:
            headers = {
                "Host": host_header(endpoint),
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
                "Idempotency-Key": str(task["idempotencyKey"]),
                "User-Agent": "baton",
            }
            body = exact_json.dumps(task).encode()
            return exchange(connected, deadline, endpoint.target, headers, body, MAX_ANSWER_BYTES)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.trust()


@dataclass(frozen=True)
class _Answer:
    endpoint: Endpoint
    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def is_still_at_work(self) -> bool:
        return self.status == STILL_AT_WORK and self._described_failure().get("retryable") is not False

    def content(self) -> Any:
        """The body of a successful answer. Raises AgentCallFailed with the agent's reason, or its status."""
        if 200 <= self.status < 300:
            if len(self.response.body) > MAX_ANSWER_BYTES:
                raise self._failure("AnswerTooLarge", f"answered more than {MAX_ANSWER_BYTES} bytes", retryable=False)
            if problem := self._unreadable():
                raise self._failure("AnswerInvalid", problem, retryable=False)
            return exact_json.loads(self.response.body)
        failure = self._described_failure()
        reason = str(failure.get("reason") or self._in_words())[:MAX_REASON_CHARACTERS]
        if self.is_still_at_work:
            raise self._failure("AgentStillAtWork", reason, retryable=True)
        kind = "AgentUnreachable" if self.status in _PROXY_ERRORS and not failure else "AgentRefused"
        by_status = self.status >= 500 or self.status == 429
        retryable = failure.get("retryable")
        raise self._failure(kind, reason, retryable=retryable if isinstance(retryable, bool) else by_status)

    def _failure(self, kind: str, reason: str, *, retryable: bool) -> AgentCallFailed:
        return AgentCallFailed(kind, f"{self.endpoint}: {reason}", retryable=retryable)

    def _in_words(self) -> str:
        if self.status == STILL_AT_WORK:
            return f"answered {self.status}: it still works on an earlier call with this key"
        redirects = " (redirects are not followed)" if 300 <= self.status < 400 else ""
        return f"answered {self.status}{redirects}"

    def _unreadable(self) -> str | None:
        headers = self.response.headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if len(self.response.body) > MAX_ANSWER_BYTES:
            return f"answered more than {MAX_ANSWER_BYTES} bytes"
        if kind != "application/json" and not kind.endswith("+json"):
            return f"must answer application/json, not {kind or 'without a content type'}"
        encoding = headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return f"must not encode its answer ({encoding}); the request accepts no encoding"
        try:
            exact_json.loads(self.response.body)
        except (ValueError, RecursionError) as error:
            return f"answered text that is not JSON: {error}"
        return None

    def _described_failure(self) -> Mapping[str, Any]:
        """``reason`` and ``retryable`` of a failure answer of the contract; empty for any other answer."""
        if self._unreadable():
            return {}
        part = exact_json.loads(self.response.body)
        if not isinstance(part, dict) or part.get("success") is not False:
            return {}
        for name in ("payload", "metadata"):
            part = part.get(name)
            if not isinstance(part, dict):
                return {}
        return part
