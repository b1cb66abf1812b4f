"""A proxy in front of Postgres that, from some moment on, drops the server's answers and keeps the connections open."""

from __future__ import annotations

import socket

from bench.counting_proxy import CountingProxy


class BlackholingProxy(CountingProxy):
    def __init__(self, database_url: str) -> None:
        self._dead: set[socket.socket] = set()
        self._drops_all = False
        super().__init__(database_url)

    def drop_on_open_connections(self) -> None:
        """From now on, drops all answers on the connections that are open now. New connections work."""
        with self._changed:
            self._dead.update(self._sockets)

    def drop_on_all_connections(self) -> None:
        """From now on, drops all answers, also on new connections."""
        self._drops_all = True
        self.drop_on_open_connections()

    def close(self) -> None:
        with self._changed:
            self._dead.clear()
            self._drops_all = False
            self._changed.notify_all()
        super().close()

    def before_answer(self, client: socket.socket) -> None:
        self._changed.wait_for(lambda: client not in self._dead and not self._drops_all)
