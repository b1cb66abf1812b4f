"""Agents anywhere on the web: the contract's JSON posted to a URL, behind the address guard.

One call is one request: nothing is retried and no redirect is followed. One deadline covers look-up, connection,
request and answer, however slowly each of them drips.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from typing import Any

from baton import exact_json
from baton.agents.address_guard import AddressGuard, Endpoint
from baton.errors import AddressRefused, AgentCallFailed

LARGEST_ANSWER = 6 * 1024 * 1024  # bytes: what a Lambda function may answer, so that agents can move either way
LONGEST_REASON = 2000
_PIECE = 64 * 1024


@dataclass(frozen=True)
class HttpTransport:
    """Posts to ``transport.url`` and waits for its answer, at most ``transport.timeout_seconds`` if that is given.

    ``trust`` makes the TLS context; the system's certificates by default.
    """

    guard: AddressGuard
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    clock: Callable[[], float] = time.monotonic

    def __call__(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Any:
        """The agent's answer as JSON data; the contract is the caller's to check.

        Raises:
            AgentCallFailed: time-outs and broken connections are retryable, and so are the statuses 5xx and 429, unless
                the answer is the contract's own failure and says otherwise.
        """
        seconds = min(deadline_seconds, float(transport.get("timeout_seconds") or deadline_seconds))
        deadline = _Deadline(self.clock() + seconds, self.clock)
        try:
            endpoint = self.guard.check(str(transport["url"]))
        except AddressRefused as error:
            raise AgentCallFailed("AddressRefused", f"the agent's URL {error}", retryable=False) from error
        try:
            return self._post(endpoint, task, deadline).content()
        except AddressRefused as error:
            raise AgentCallFailed("AddressRefused", str(error), retryable=False) from error
        except TimeoutError as error:
            raise AgentCallFailed(
                "AgentTimedOut", f"{endpoint} did not answer within {seconds:g} s", retryable=True
            ) from error
        except (OSError, HTTPException) as error:
            raise AgentCallFailed(
                "AgentUnreachable", f"{endpoint}: {type(error).__name__}: {error}", retryable=True
            ) from error

    def _post(self, endpoint: Endpoint, task: Mapping[str, Any], deadline: _Deadline) -> _Answer:
        addresses = self.guard.resolve(endpoint, deadline.left())
        with closing(self._connect(endpoint, addresses, deadline)) as connected:
            connection = HTTPConnection(endpoint.host, endpoint.port)  # gets a socket, so it never connects by itself
            connection.default_port = 443 if endpoint.scheme == "https" else 80
            connection.sock = _TimedSocket(connected, deadline)
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Connection": "close",
                "Idempotency-Key": str(task["idempotencyKey"]),
                "User-Agent": "baton",
            }
            connection.request("POST", endpoint.target, body=exact_json.dumps(task).encode(), headers=headers)
            response = connection.getresponse()
            body = response.read(LARGEST_ANSWER + 1)
            if response.length and len(body) <= LARGEST_ANSWER:
                raise ConnectionError("the answer broke off")
            return _Answer(endpoint, response.status, response.headers, body)

    def _connect(self, endpoint: Endpoint, addresses: tuple[str, ...], deadline: _Deadline) -> socket.socket:
        """To the first of the vetted addresses that answers; the certificate must be the name's."""
        failure: OSError = OSError("no address")
        for address in addresses:
            try:
                connected = socket.create_connection((address, endpoint.port), timeout=deadline.left())
            except TimeoutError:
                raise
            except OSError as error:
                failure = error
                continue
            if endpoint.scheme == "http":
                return connected
            try:
                connected.settimeout(deadline.left())
                return self._tls.wrap_socket(connected, server_hostname=endpoint.host)
            except BaseException:
                connected.close()
                raise
        raise failure

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.trust()


@dataclass(frozen=True)
class _Answer:
    endpoint: Endpoint
    status: int
    headers: Message
    body: bytes

    def content(self) -> Any:
        """The body of a good answer; AgentCallFailed for any other, as the agent describes it or as its status says."""
        if 200 <= self.status < 300:
            problem = self._unreadable()
            if problem:
                raise AgentCallFailed("AnswerInvalid", f"{self.endpoint} {problem}", retryable=False)
            return exact_json.loads(self.body)
        by_status = self.status >= 500 or self.status == 429
        failure = self._described_failure()
        reason = failure.get("reason") or f"answered {self.status}{' (redirects are not followed)' * self._redirects()}"
        retryable = failure.get("retryable")
        raise AgentCallFailed(
            "AgentRefused",
            f"{self.endpoint}: {str(reason)[:LONGEST_REASON]}",
            retryable=retryable if isinstance(retryable, bool) else by_status,
        )

    def _redirects(self) -> bool:
        return 300 <= self.status < 400

    def _unreadable(self) -> str | None:
        kind = self.headers.get_content_type()
        if len(self.body) > LARGEST_ANSWER:
            return f"answered more than {LARGEST_ANSWER} bytes"
        if kind != "application/json" and not kind.endswith("+json"):
            return f"must answer application/json, not {kind}"
        if self.headers.get("Content-Encoding", "identity").lower() != "identity":
            return f"must not encode its answer ({self.headers['Content-Encoding']}); none was asked for"
        try:
            exact_json.loads(self.body)
        except (ValueError, RecursionError) as error:
            return f"answered what is not JSON: {error}"
        return None

    def _described_failure(self) -> Mapping[str, Any]:
        """``reason`` and ``retryable`` of the contract's failure answer; empty if it is not one."""
        if self._unreadable():
            return {}
        found = exact_json.loads(self.body)
        if not isinstance(found, dict) or found.get("success") is not False:
            return {}
        for name in ("payload", "metadata"):
            found = found.get(name)
            if not isinstance(found, dict):
                return {}
        return found


@dataclass(frozen=True)
class _Deadline:
    at: float
    clock: Callable[[], float]

    def left(self) -> float:
        """Seconds until the deadline, more than none; TimeoutError once it has passed."""
        left = self.at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _TimedSocket:
    """What ``http.client`` needs of a socket. Every single send and receive gets only what is left of the deadline:
    a socket's own time-out begins anew with each byte."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._connected.settimeout(self._deadline.left())
            rest = rest[self._connected.send(rest[:_PIECE]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connected, self._deadline), _PIECE)

    def close(self) -> None:
        """``http.client`` closes early, with the answer still to be read; whoever connected closes."""


class _TimedReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connected.settimeout(self._deadline.left())
        return self._connected.recv_into(buffer)
