"""Requests to webhooks whose servers are hostile: each ends in time, with a result that the record can store."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton import storable
from baton.agents.address_guard import AddressGuard
from baton.model import AttemptResult
from baton.ports.webhooks import WebhookAnswer
from baton.webhook_post import MAX_KEPT, MAX_READ_BYTES, WebhookPost

from .conftest import RawAgent, reply_with
from .test_hostile_answers import HOSTILE

Serve = Callable[..., RawAgent]
BODY = b'{"type": "orchestration.run.completed"}'
HEADERS = {"webhook-id": "event", "webhook-timestamp": "1", "webhook-signature": "v1,abc"}
LOCAL = AddressGuard(allow_loopback=True)


def posted(receiver: RawAgent, *, seconds: float = 15.0) -> WebhookAnswer:
    return WebhookPost(LOCAL, seconds=seconds)(receiver.url, HEADERS, BODY)


def test_a_request_has_exactly_these_bytes_and_the_headers_of_the_signature(serve: Serve) -> None:
    receiver = serve(reply_with(b"", 204))
    answer = posted(receiver)
    assert (answer.result, answer.status, answer.error) == (AttemptResult.DELIVERED, 204, None)
    assert receiver.requests[0][1] == BODY
    assert receiver.headers().items() >= {**HEADERS, "content-type": "application/json", "user-agent": "baton"}.items()


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, AttemptResult.DELIVERED),
        (299, AttemptResult.DELIVERED),
        (301, AttemptResult.FAILED),
        (302, AttemptResult.FAILED),
        (307, AttemptResult.FAILED),
        (404, AttemptResult.FAILED),
        (410, AttemptResult.GONE),
        (429, AttemptResult.FAILED),
        (500, AttemptResult.FAILED),
    ],
)
def test_the_status_decides(serve: Serve, status: int, result: AttemptResult) -> None:
    answer = posted(serve(reply_with(b"why", status)))
    assert (answer.result, answer.status, answer.body) == (result, status, "why")


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    elsewhere = serve(reply_with(b"", 200))
    receiver = serve(reply_with(b"", 307, Location=elsewhere.url))
    answer = posted(receiver)
    assert (answer.result, answer.error) == (AttemptResult.FAILED, "answered 307: redirects are not followed")
    assert elsewhere.requests == []


def test_an_answer_tells_when_to_come_back(serve: Serve) -> None:
    answer = posted(serve(reply_with(b"", 503, Retry_After="120")))
    assert answer.headers is not None
    assert answer.headers["retry-after"] == "120"


# --- slow and large ones ----------------------------------------------------------------------------------------------


def drip(head: bytes, stopped: Callable[[], Any]) -> Callable[[socket.socket], None]:
    """Sends the head, and then a byte from time to time."""

    def reply(connected: socket.socket) -> None:
        connected.sendall(head)
        while not stopped():
            connected.sendall(b"x")

    return reply


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"],
    ids=["before its head", "in its head", "in its body"],
)
def test_a_byte_from_time_to_time_does_not_buy_more_time(serve: Serve, head: bytes) -> None:
    receiver = serve(lambda connected: None)
    receiver.reply = drip(head, lambda: receiver.stopped.wait(0.1))
    begun = time.monotonic()
    answer = posted(receiver, seconds=0.5)
    assert time.monotonic() - begun < 10
    assert (answer.result, answer.status) == (AttemptResult.FAILED, None)
    assert answer.error == "TimedOut: no whole answer within 0.5 s"


def test_silence_ends_at_the_deadline(serve: Serve) -> None:
    receiver = serve(lambda connected: None)
    receiver.reply = lambda connected: receiver.stopped.wait(60) and None
    answer = posted(receiver, seconds=0.3)
    assert (answer.result, answer.error) == (AttemptResult.FAILED, "TimedOut: no whole answer within 0.3 s")


def test_of_an_endless_answer_little_is_read_and_less_is_kept(serve: Serve) -> None:
    sent: list[int] = []

    def pour(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:  # ends with an error, when the reader closes the connection
            sent.append(connected.send(b"400\r\n" + b"x" * 1024 + b"\r\n"))

    answer = posted(serve(pour))
    assert (answer.result, answer.status) == (AttemptResult.DELIVERED, 200)
    assert answer.body == "x" * MAX_KEPT


def test_a_head_may_not_be_large(serve: Serve) -> None:
    large = b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"b" * 4 * MAX_READ_BYTES + b"\r\n\r\n"
    answer = posted(serve(lambda connected: connected.sendall(large)))
    assert (answer.result, answer.status) == (AttemptResult.FAILED, None)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_not_http_is_a_failure(serve: Serve, hostile: bytes) -> None:
    answer = posted(serve(lambda connected: connected.sendall(hostile)))
    assert answer.result is AttemptResult.FAILED
    assert answer.error is not None
    assert answer.error.startswith("Unreachable: ")
    assert storable.problem(answer.error) is None


@given(st.binary(max_size=200), st.binary(max_size=3000))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_can_be_stored(serve: Serve, head: bytes, body: bytes) -> None:
    good = b"HTTP/1.1 500 X\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    for text in (head, good):
        answer = posted(serve(lambda connected, text=text: connected.sendall(text)))
        assert storable.problem([answer.body, answer.error]) is None
        assert all(len(kept or "") <= MAX_KEPT for kept in (answer.body, answer.error))


# --- where it may lead ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://receiver.example.com/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/",
     "https://10.0.0.1/", "https://receiver.internal/", "https://user@receiver.example.com/", "ftp://x.example.com/"],
)  # fmt: skip
def test_a_url_that_leads_elsewhere_is_refused_before_a_byte_is_sent(url: str) -> None:
    answer = WebhookPost(AddressGuard())(url, HEADERS, BODY)
    assert (answer.result, answer.status) == (AttemptResult.FAILED, None)
    assert answer.error is not None
    assert answer.error.startswith("AddressRefused: ")


def test_a_name_whose_address_changes_is_checked_at_every_request(serve: Serve) -> None:
    """The name led to a public address when the webhook was created; now it leads into the network."""
    receiver = serve(reply_with(b"", 200))
    answers: list[Sequence[str]] = [["93.184.216.34"], ["127.0.0.1"]]
    guard = AddressGuard(look_up=lambda host, port: answers.pop(0))
    endpoint = guard.check("https://receiver.example.com/hook")
    assert guard.resolve(endpoint, 1.0) == ("93.184.216.34",)
    answer = WebhookPost(guard)("https://receiver.example.com/hook", HEADERS, BODY)
    assert (answer.result, answers, receiver.requests) == (AttemptResult.FAILED, [], [])
    assert answer.error is not None
    assert "an address of this machine" in answer.error


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::1",
     "fd00:ec2::254", "fe80::1%eth0", "0.0.0.0", "::"],
)  # fmt: skip
def test_a_name_that_leads_into_the_network_in_any_spelling_is_not_called(address: str) -> None:
    post = WebhookPost(AddressGuard(look_up=lambda host, port: ["93.184.216.34", address]))
    answer = post("https://receiver.example.com/hook", HEADERS, BODY)
    assert (answer.result, answer.status) == (AttemptResult.FAILED, None)
    assert answer.error is not None
    assert answer.error.startswith("AddressRefused: ")
    assert address not in answer.error


def test_a_name_is_looked_up_once_a_request_so_that_it_cannot_change_in_between(serve: Serve) -> None:
    receiver = serve(reply_with(b"", 200))
    looked: list[str] = []

    def look_up(host: str, port: int) -> Sequence[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["169.254.169.254"]

    post = WebhookPost(AddressGuard(allow_loopback=True, look_up=look_up))
    answer = post(receiver.url.replace("127.0.0.1", "localhost"), HEADERS, BODY)
    assert (answer.result, looked) == (AttemptResult.DELIVERED, ["localhost"])
