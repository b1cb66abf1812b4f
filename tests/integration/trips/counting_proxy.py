"""A proxy before Postgres that counts: it reads what passes between a function's connection and the server."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.integration.waiting import PATIENCE

_STARTUP = 196608  # protocol 3.0; what comes before it asks for encryption, and is refused
_UNAWAITED = b"-- delivered\n"  # the one statement that is sent without waiting


@dataclass
class Traffic:
    """What passed since the last look. A trip is what the client sent before the server answers;
    its statements are named by the comments that they begin with."""

    trips: list[list[str]] = field(default_factory=list)
    unawaited: list[str] = field(default_factory=list)
    connections: int = 0


class CountingProxy:
    """The answer to a statement that is sent without waiting is withheld until ``let_go``. A function that waits for it
    would wait for ever."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._traffic = Traffic()
        self._withheld: set[socket.socket] = set()  # clients whose answers are
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, login_url: str) -> str:
        """The same login, through the proxy."""
        parts = urlsplit(login_url)
        user, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self._listener.getsockname()[1]}"))

    def look(self, unawaited: int = 0) -> Traffic:
        """What passed since the last look, once so many statements were sent that nobody waits for."""
        self.let_go(unawaited)
        with self._changed:
            traffic, self._traffic = self._traffic, Traffic()
        return traffic

    def let_go(self, unawaited: int = 0) -> None:
        """The answers that are withheld go on, once so many statements were sent that nobody waits for."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._traffic.unawaited) >= unawaited, PATIENCE)
            self._withheld.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.let_go()
        for opened in (self._listener, *self._sockets):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
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
                    statements = self._count(client, kind, body, statements)
                server.sendall(kind + head + body)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _startup(stream: Any, server: socket.socket) -> bool:
        """Passes on one of the messages before the connection is there; False: it was the last."""
        head = stream.read(8)
        if len(head) < 8:
            return False
        length, code = struct.unpack("!ii", head)
        server.sendall(head + stream.read(length - 8))
        return bool(code != _STARTUP)

    def _count(self, client: socket.socket, kind: bytes, body: bytes, statements: list[str]) -> list[str]:
        if kind == b"Q" and body.startswith(_UNAWAITED):
            self._traffic.unawaited.append(_name(body))
            self._withheld.add(client)
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
            while answered := server.recv(65536):
                with self._changed:
                    if not self._changed.wait_for(lambda: client not in self._withheld, PATIENCE):
                        self._traffic.trips.append(["the answer to what is sent without waiting"])
                client.sendall(answered)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)


def _name(statement: bytes) -> str:
    line = statement.partition(b"\n")[0].decode()
    return line.removeprefix("-- ") if line.startswith("-- ") else line
