"""One HTTP/1.1 request and its answer over a connected socket, with one deadline for all of it.

``h11`` reads the answer. It refuses answers that other readers accept by a guess: a chunk size with a sign, two
different lengths, a length with chunks, a head without an end.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import h11

MAX_HEAD_BYTES = 64 * 1024  # of a status line and its headers, or of the head of a chunk
_PIECE_BYTES = 64 * 1024


class BrokenAnswer(Exception):
    """The answer is not HTTP/1.1, or is incomplete."""


@dataclass(frozen=True)
class Deadline:
    at: float
    clock: Callable[[], float]

    def left(self) -> float:
        """The seconds until the deadline, more than 0. Raises TimeoutError after the deadline."""
        left = self.at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


@dataclass(frozen=True)
class Response:
    """``headers`` has lower-case names. If a name occurs twice, it has the first value."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    connected: socket.socket,
    deadline: Deadline,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    max_bytes: int,
    max_head_bytes: int = MAX_HEAD_BYTES,
) -> Response:
    """Posts ``body`` and reads the answer. If the answer's body has more than ``max_bytes``, reads at most twice as
    many.

    The time-out of each send and receive is the time until the deadline, because a socket's time-out starts again with
    each byte.

    Raises:
        BrokenAnswer, TimeoutError, OSError: there is no whole answer.
    """
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_head_bytes)
    request = h11.Request(method="POST", target=target, headers=[*headers.items(), ("Content-Length", str(len(body)))])
    try:
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            _send(connected, deadline, connection.send(event) or b"")
        return _read(_events(connection, connected, deadline, min(max_bytes, _PIECE_BYTES)), max_bytes)
    except h11.ProtocolError as error:
        raise BrokenAnswer(str(error)) from error


def _send(connected: socket.socket, deadline: Deadline, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        connected.settimeout(deadline.left())
        rest = rest[connected.send(rest[:_PIECE_BYTES]) :]


def _events(
    connection: h11.Connection, connected: socket.socket, deadline: Deadline, piece_bytes: int
) -> Iterator[h11.Event]:
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Event):
            yield event
        elif event is h11.NEED_DATA:
            connected.settimeout(deadline.left())
            connection.receive_data(connected.recv(piece_bytes))
        else:
            raise BrokenAnswer("the agent switches to another protocol")


def _read(events: Iterator[h11.Event], max_bytes: int) -> Response:
    head: h11.Response | None = None
    pieces: list[bytes] = []
    size = 0
    for event in events:
        match event:
            case h11.Response():
                head = event
            case h11.Data():
                pieces.append(bytes(event.data))
                size += len(event.data)
            case h11.ConnectionClosed():
                raise BrokenAnswer("the agent closed the connection without an answer")
        if head is not None and (size > max_bytes or isinstance(event, h11.EndOfMessage)):
            named = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(list(head.headers))}
            return Response(head.status_code, named, b"".join(pieces))
    raise AssertionError("unreachable: events end with an exception or the end of the message")
