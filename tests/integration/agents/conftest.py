"""An agent on this machine whose answers the test writes byte by byte. It records the requests."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

Reply = Callable[[socket.socket], None]


@dataclass
class RawAgent:
    """Serves one connection after the other with ``reply``. ``requests`` holds head and body of each request."""

    reply: Reply
    tls: ssl.SSLContext | None = None
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/agent"

    def headers(self) -> dict[str, str]:
        """The headers of the last request, with names in lower case."""
        _, *lines = self.requests[-1][0].split("\r\n")
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def close(self) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread in ``accept``
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
                with (
                    connection if self.tls is None else self.tls.wrap_socket(connection, server_side=True) as connected
                ):
                    self.requests.append(_request(connected))
                    self.reply(connected)
            except ssl.SSLError:
                continue  # a client that does not trust us
            except OSError:
                if self.stopped.is_set():
                    return


def _request(connected: socket.socket) -> tuple[str, bytes]:
    reading = connected.makefile("rb")
    head = b"".join(iter(reading.readline, b"\r\n")).decode().strip()
    length = next(line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length"))
    return head, reading.read(int(length))


def reply_with(
    body: Any, status: int = 200, content_type: str = "application/json", **headers: str
) -> Callable[[socket.socket], None]:
    """A reply with a complete answer. ``body`` is bytes, or data for JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return lambda connected: connected.sendall(head.encode() + content)


@pytest.fixture
def serve() -> Iterator[Callable[..., RawAgent]]:
    """``serve(reply)`` starts an agent that lives as long as the test."""
    agents: list[RawAgent] = []

    def start(reply: Reply, tls: ssl.SSLContext | None = None) -> RawAgent:
        agents.append(RawAgent(reply, tls))
        return agents[-1]

    yield start
    for agent in agents:
        agent.close()
