"""A proxy in front of Postgres that counts the messages between clients and the server.

It uses only the standard library, because the peers' environment uses it, too. The tests of round trips build on it.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_STARTUP = 196608  # protocol 3.0; messages before it ask for encryption, which the server refuses
_UNAWAITED = b"select baton.strike_off_unawaited("  # Baton's only statement that is sent without waiting


@dataclass
class Traffic:
    """The messages since the last ``take``. A trip has the statements that the client sent before the server answers.

    A statement's name is its first comment, or the function of the record that it calls. A prepared statement has no
    name in a trip, but counts in ``statements``.
    """

    trips: list[list[str]] = field(default_factory=list)
    unawaited: list[str] = field(default_factory=list)
    connections: int = 0
    statements: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


class CountingProxy:
    """Counts all messages and passes them on."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._traffic = Traffic()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, login_url: str) -> str:
        """The same login, through the proxy."""
        parts = urlsplit(login_url)
        user, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self._listener.getsockname()[1]}"))

    def take(self) -> Traffic:
        """The traffic since the last ``take``."""
        with self._changed:
            traffic, self._traffic = self._traffic, Traffic()
        return traffic

    def close(self) -> None:
        for opened in (self._listener, *self._sockets):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def sent_unawaited(self, client: socket.socket) -> None:
        """Called for a statement that the client does not wait for. The lock is held."""

    def before_answer(self, client: socket.socket) -> None:
        """Called before a part of the server's answer goes to the client. The lock is held."""

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets += client, server
                with self._changed:
                    self._traffic.connections += 1
                threading.Thread(target=self._from_client, args=(client, server), daemon=True).start()
                threading.Thread(target=self._from_server, args=(server, client), daemon=True).start()

    def _from_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client.makefile("rb") as stream:
            while self._startup(stream, server):
                pass
            statements: list[str] = []
            while kind := stream.read(1):
                head = stream.read(4)
                body = stream.read(struct.unpack("!i", head)[0] - 4)
                with self._changed:
                    self._traffic.bytes_up += 5 + len(body)
                    statements = self._count(client, kind, body, statements)
                server.sendall(kind + head + body)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _startup(stream: Any, server: socket.socket) -> bool:
        """Pass on one message of the connection's start. False if it was the last one."""
        head = stream.read(8)
        if len(head) < 8:
            return False
        length, code = struct.unpack("!ii", head)
        server.sendall(head + stream.read(length - 8))
        return bool(code != _STARTUP)

    def _count(self, client: socket.socket, kind: bytes, body: bytes, statements: list[str]) -> list[str]:
        """Count one message; returns the names of the statements since the last trip."""
        if kind in (b"Q", b"E"):  # a simple query, or the execution of a parsed one
            self._traffic.statements += 1
        if kind == b"Q" and body.startswith(_UNAWAITED):
            self._traffic.unawaited.append(_name(body))
            self.sent_unawaited(client)
            self._changed.notify_all()
        elif kind == b"Q":
            self._traffic.trips.append([_name(body)])
        elif kind == b"P":
            return [*statements, _name(body.partition(b"\0")[2])]
        elif kind == b"S":
            self._traffic.trips.append(statements)
            return []
        return statements

    def _from_server(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(65536):
                with self._changed:
                    self._traffic.bytes_down += len(answer)
                    self.before_answer(client)
                client.sendall(answer)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)


def _name(statement: bytes) -> str:
    line = statement.partition(b"\0")[0].partition(b"\n")[0].decode()
    if line.startswith("select baton."):
        return line.removeprefix("select baton.").partition("(")[0]
    return line.removeprefix("-- ") if line.startswith("-- ") else line
