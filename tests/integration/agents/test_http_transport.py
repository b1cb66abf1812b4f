"""Calls of agents over HTTP, with servers that behave well and badly."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from baton.agents import http_transport
from baton.agents.address_guard import AddressGuard, Endpoint
from baton.agents.contract import failure, success
from baton.agents.http_transport import HttpTransport
from baton.errors import AgentCallFailed
from tests.integration.waiting import PATIENCE

from .conftest import RawAgent, reply_with

Serve = Callable[..., RawAgent]
TASK = {"mode": "build", "idempotencyKey": "run:greet:1", "payload": {"userMessage": "Hello", "rate": Decimal("1.10")}}
LOCAL = HttpTransport(AddressGuard(allow_loopback=True))


def call(agent: RawAgent, deadline: float = 10.0, **transport: Any) -> Any:
    return LOCAL({"type": "http", "url": agent.url, **transport}, TASK, deadline)


def failed_call(agent: RawAgent, deadline: float = 10.0, **transport: Any) -> AgentCallFailed:
    with pytest.raises(AgentCallFailed) as raised:
        call(agent, deadline, **transport)
    return raised.value


def test_the_task_is_posted_and_the_answer_is_returned(serve: Serve) -> None:
    agent = serve(reply_with(success(note="done")))

    assert call(agent) == success(note="done")

    ((head, body),) = agent.requests
    assert head.startswith("POST /agent HTTP/1.1")
    assert b'"rate":1.10' in body  # decimals keep their digits
    headers = agent.headers()
    assert headers["idempotency-key"] == "run:greet:1"
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{agent.port}"


def test_the_chunks_of_an_answer_are_joined(serve: Serve) -> None:
    text = b'{"success": true}'
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (text[:5], text[5:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert call(serve(lambda connected: connected.sendall(head + chunks))) == {"success": True}


@pytest.mark.parametrize(("status", "retryable"), [(500, True), (503, True), (429, True), (400, False), (404, False)])
def test_the_status_decides_whether_a_failure_is_retryable(serve: Serve, status: int, retryable: bool) -> None:
    error = failed_call(serve(reply_with(b"<html>", status, "text/html")))
    assert (error.kind, error.retryable) == ("AgentRefused", retryable)
    assert str(status) in str(error)


@pytest.mark.parametrize(("status", "retryable"), [(500, False), (422, True)])
def test_the_agents_own_retryable_overrides_its_status(serve: Serve, status: int, retryable: bool) -> None:
    error = failed_call(serve(reply_with(failure("no such region", retryable), status)))
    assert error.retryable is retryable
    assert "no such region" in str(error)


@pytest.mark.parametrize("body", [{"error": "x"}, {"success": False}, {"success": False, "payload": []}, ["x"]])
def test_for_a_failure_without_the_contracts_form_the_status_decides(serve: Serve, body: Any) -> None:
    assert failed_call(serve(reply_with(body, 400))).retryable is False
    assert failed_call(serve(reply_with(body, 502))).retryable is True


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(serve: Serve, status: int) -> None:
    elsewhere = serve(reply_with(success()))
    error = failed_call(serve(reply_with(b"", status, Location=elsewhere.url)))
    assert not error.retryable
    assert "redirects are not followed" in str(error)
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (reply_with(b"{}", content_type="text/html"), "application/json, not text/html"),
        (reply_with(b"{"), "not JSON"),
        (reply_with(b""), "not JSON"),
        (reply_with(b"[" * 100_000), "not JSON"),
        (reply_with(b'{"a": NaN}'), "not JSON"),
        (reply_with(b"\x1f\x8b", Content_Encoding="gzip"), "must not encode"),
    ],
)
def test_an_answer_that_is_not_json_is_invalid(serve: Serve, reply: Any, message: str) -> None:
    error = failed_call(serve(reply))
    assert (error.kind, error.retryable) == ("AnswerInvalid", False)
    assert message in str(error)


def test_an_answer_has_a_maximum_size(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "LARGEST_ANSWER", 1000)
    assert call(serve(reply_with(b'"' + b"x" * 998 + b'"'))) == "x" * 998
    error = failed_call(serve(reply_with(b'"' + b"x" * 999 + b'"')))
    assert (error.kind, error.retryable) == ("AnswerInvalid", False)


def test_an_endless_answer_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "LARGEST_ANSWER", 1000)

    def flood(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            connected.sendall(b"x" * 1000)

    assert failed_call(serve(flood)).kind == "AnswerInvalid"


def test_an_incomplete_answer_is_retryable(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    error = failed_call(serve(lambda connected: connected.sendall(head)))
    assert (error.kind, error.retryable) == ("AgentUnreachable", True)


def test_a_missing_answer_is_retryable_and_the_transport_does_not_retry(serve: Serve) -> None:
    agent = serve(lambda connected: None)
    error = failed_call(agent)
    assert (error.kind, error.retryable) == ("AgentUnreachable", True)
    assert len(agent.requests) == 1


def test_a_refused_connection_is_retryable(serve: Serve) -> None:
    agent = serve(reply_with(success()))
    url = agent.url
    agent.close()
    with pytest.raises(AgentCallFailed) as raised:
        LOCAL({"type": "http", "url": url}, TASK, 10)
    assert (raised.value.kind, raised.value.retryable) == ("AgentUnreachable", True)


def drip(head: bytes, drops: bytes) -> Callable[[socket.socket], None]:
    """A reply that sends the head, then ``drops`` every 20 ms without end."""

    def reply(connected: socket.socket) -> None:
        connected.sendall(head)
        while not threading.Event().wait(0.02):
            connected.sendall(drops)

    return reply


@pytest.mark.parametrize(
    "reply",
    [
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"x"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" "),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["status line", "headers", "continues", "body", "chunks"],
)
def test_a_slow_answer_ends_at_the_deadline(serve: Serve, reply: Any) -> None:
    agent = serve(reply)
    began = time.monotonic()
    error = failed_call(agent, deadline=0.5, timeout_seconds=2 * int(PATIENCE))
    assert (error.kind, error.retryable) == ("AgentTimedOut", True)
    assert 0.4 < time.monotonic() - began < PATIENCE


def test_a_shorter_time_limit_of_the_agent_is_used(serve: Serve) -> None:
    agent = serve(lambda connected: agent.stopped.wait(2 * PATIENCE))
    began = time.monotonic()
    assert failed_call(agent, deadline=2 * PATIENCE, timeout_seconds=1).kind == "AgentTimedOut"
    assert time.monotonic() - began < PATIENCE


def test_a_refused_address_is_never_called(serve: Serve) -> None:
    agent = serve(reply_with(success()))
    deployed = HttpTransport(AddressGuard())
    with pytest.raises(AgentCallFailed) as raised:
        deployed({"type": "http", "url": agent.url}, TASK, 10)
    assert (raised.value.kind, raised.value.retryable) == ("AddressRefused", False)
    rebound = HttpTransport(AddressGuard(look_up=lambda host, port: ["127.0.0.1"]))
    with pytest.raises(AgentCallFailed) as raised:
        rebound({"type": "http", "url": "https://agents.example.com/"}, TASK, 10)
    assert (raised.value.kind, raised.value.retryable) == ("AddressRefused", False)
    assert agent.requests == []


# --- TLS: the connection goes to the checked address, the certificate must have the host's name ----------------------

NAME = "agents.example.com"


@dataclass(frozen=True)
class Certificate:
    file: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    certificate = Certificate(folder / "cert.pem", folder / "key.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate.file.write_bytes(signed.public_bytes(pem))
    certificate.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate


@dataclass(frozen=True)
class LoopbackGuard(AddressGuard):
    """Resolves every name to an address without a server, and then to the test's server."""

    port: int = 0

    def check(self, url: str) -> Endpoint:
        return replace(super().check(url), port=self.port)

    def resolve(self, endpoint: Endpoint, timeout_seconds: float) -> tuple[str, ...]:
        return ("::1", "127.0.0.1")


def test_the_vetted_address_is_called_under_the_hosts_name(serve: Serve, certificate: Certificate) -> None:
    server_names: list[str | None] = []
    context = certificate.server()
    context.sni_callback = lambda connected, name, _: server_names.append(name)
    agent = serve(reply_with(success()), context)
    transport = HttpTransport(LoopbackGuard(port=agent.port), certificate.trusted)

    assert transport({"type": "http", "url": f"https://{NAME}/agent"}, TASK, 10) == success()

    assert server_names == [NAME]
    assert agent.headers()["host"] == f"{NAME}:{agent.port}"


@pytest.mark.parametrize("name", ["other.example.com", NAME])
def test_a_certificate_of_another_name_or_issuer_ends_the_call(
    serve: Serve, certificate: Certificate, name: str
) -> None:
    agent = serve(reply_with(success()), certificate.server())
    trust = ssl.create_default_context if name == NAME else certificate.trusted
    transport = HttpTransport(LoopbackGuard(port=agent.port), trust)
    with pytest.raises(AgentCallFailed, match="CERTIFICATE_VERIFY_FAILED"):
        transport({"type": "http", "url": f"https://{name}/agent"}, TASK, 10)
    assert agent.requests == []
