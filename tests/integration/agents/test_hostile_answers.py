"""Agents that break HTTP: every call ends before its deadline, with a failure that the record can store."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton import storable
from baton.agents.address_guard import AddressGuard
from baton.agents.call import AgentDirectory
from baton.agents.contract import failure, success
from baton.agents.http_transport import HttpTransport
from baton.errors import AgentCallFailed

from .conftest import RawAgent, reply_with

Serve = Callable[..., RawAgent]
TASK = {"mode": "build", "agent": "greeter", "idempotencyKey": "run:greet:1", "payload": {}}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = b'{"success":true,"mode":"build","payload":{"content":{},"metadata":{}}}'


def agents(**more: Any) -> AgentDirectory:
    return AgentDirectory({"http": HttpTransport(AddressGuard(allow_loopback=True), **more)})


def called(agent: RawAgent, directory: AgentDirectory | None = None) -> Any:
    return (directory or agents()).call({"type": "http", "url": agent.url}, TASK, 20.0)


def chunk(size: bytes) -> bytes:
    return CHUNKED + size + b"\r\n" + GOOD + b"\r\n0\r\n\r\n"


HOSTILE = {
    "a negative chunk size": chunk(b"-5"),
    "a chunk size of minus one": chunk(b"-1"),
    "a chunk size with a sign": chunk(b"+46"),
    "a chunk size with an underscore": chunk(b"4_6"),
    "a chunk size with a prefix": chunk(b"0x46"),
    "a chunk size that is none": chunk(b"zz"),
    "no chunk size": chunk(b""),
    "a chunk size without end": CHUNKED + b"1" * 200_000,
    "a huge chunk size": chunk(b"f" * 30),
    "a chunk that goes on": CHUNKED + b"5\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "no last chunk": CHUNKED + b"46\r\n" + GOOD + b"\r\n",
    "a negative length": OK + b"Content-Length: -1\r\n\r\n" + GOOD,
    "a length that is none": OK + b"Content-Length: x\r\n\r\n" + GOOD,
    "a length with a sign": OK + b"Content-Length: +70\r\n\r\n" + GOOD,
    "two lengths": OK + b"Content-Length: 70\r\nContent-Length: 71\r\n\r\n" + GOOD,
    "a length too long": OK + b"Content-Length: 71\r\n\r\n" + GOOD,
    "a huge length": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + GOOD,
    "an unknown transfer encoding": OK + b"Transfer-Encoding: gzip\r\n\r\n" + GOOD,
    "nothing": b"",
    "no status": b"\r\n\r\n",
    "a status that is none": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a switch of protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000,
    "a header without end": b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 500_000,
    "a header without a name": b"HTTP/1.1 200 OK\r\n: x\r\n\r\n" + GOOD,
    "a header with a NUL": OK + b"X-A: \x00\r\n\r\n" + GOOD,
    "bytes": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_answer_that_is_not_http_is_the_attempts_failure(serve: Serve, answer: bytes) -> None:
    with pytest.raises(AgentCallFailed) as raised:
        called(serve(lambda connected: connected.sendall(answer)))
    assert (raised.value.kind, raised.value.retryable) == ("AgentUnreachable", True)
    assert storable.problem(str(raised.value)) is None


@pytest.mark.parametrize(
    "answer",
    [
        reply_with({"success": False, "payload": {"content": {}, "metadata": {"reason": "\x00\ud800", "x": "\x00"}}}),
        reply_with(failure("a\x00b\ud800", retryable=False), status=422),
        reply_with(b'{"success":true,"payload":{"content":{"\\u0000":1}}}'),
        reply_with(b'{"success":true,"payload":{"content":' + b"[" * 500 + b"]" * 500 + b"}}"),
        reply_with(b'{"success":true,"payload":{"content":{"n":1e999999999}}}'),
        reply_with(b'{"success":true,"payload":{"content":{"n":' + b"9" * 5000 + b"}}}"),
        reply_with(b"\xff\xfe\x00"),
        reply_with(b'"\xc3\x28"'),
    ],
)
def test_the_failure_has_nothing_that_the_record_cannot_store(serve: Serve, answer: Any) -> None:
    with pytest.raises(AgentCallFailed) as raised:
        called(serve(answer))
    error = raised.value
    assert storable.problem([error.kind, str(error), error.answer]) is None


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_to_an_answer_ends_in_anything_but_an_answer_or_a_failure(serve: Serve, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([chunk(b"46"), OK + b"Content-Length: 70\r\n\r\n" + GOOD, OK + b"\r\n" + GOOD]))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    answer = whole[:start] + data.draw(st.binary(max_size=8)) + whole[end:]
    try:
        assert called(serve(lambda connected: connected.sendall(answer)))["success"] is True
    except AgentCallFailed as error:
        assert storable.problem([error.kind, str(error), error.answer]) is None


def test_an_exception_of_a_transport_is_the_attempts_failure() -> None:
    def broken(transport: Any, task: Any, deadline: float) -> Any:
        raise ValueError("negative buffer size\x00")

    with pytest.raises(AgentCallFailed, match="greeter ended with ValueError: negative buffer size\ufffd") as raised:
        AgentDirectory({"http": broken}).call({"type": "http"}, TASK, 20.0)
    assert (raised.value.kind, raised.value.retryable) == ("AgentUnreachable", True)


# --- still at work ----------------------------------------------------------------------------------------------------


class Clock:
    """Time passes only in pauses."""

    now = 0.0
    pauses: tuple[float, ...] = ()

    def pause(self, seconds: float) -> None:
        self.pauses = (*self.pauses, seconds)
        self.now += seconds


def one_after_the_other(*replies: Any) -> Callable[[socket.socket], None]:
    left = list(replies)
    return lambda connected: (left.pop(0) if len(left) > 1 else left[0])(connected)


def test_an_agent_that_is_still_at_work_is_asked_again_with_the_same_key(serve: Serve) -> None:
    busy = reply_with(b"", 409)
    agent, clock = serve(one_after_the_other(busy, busy, busy, reply_with(success(note="done")))), Clock()
    assert called(agent, agents(clock=lambda: clock.now, pause=clock.pause)) == success(note="done")
    assert clock.pauses == (1.0, 2.0, 4.0)
    assert [head.count("Idempotency-Key: run:greet:1\r\n") for head, _ in agent.requests] == [1] * 4


def test_an_agent_that_is_at_work_until_the_deadline_is_worth_another_try(serve: Serve) -> None:
    agent, clock = serve(reply_with(b"", 409)), Clock()
    with pytest.raises(AgentCallFailed, match="still works") as raised:
        called(agent, agents(clock=lambda: clock.now, pause=clock.pause))
    assert (raised.value.kind, raised.value.retryable) == ("AgentStillAtWork", True)
    assert clock.now < 20


def test_a_conflict_that_the_agent_calls_final_is_its_failure(serve: Serve) -> None:
    agent = serve(reply_with(failure("another call has this key", retryable=False), status=409))
    with pytest.raises(AgentCallFailed, match="another call has this key") as raised:
        called(agent)
    assert (raised.value.kind, raised.value.retryable) == ("AgentRefused", False)
    assert len(agent.requests) == 1
