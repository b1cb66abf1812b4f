"""A proxy before Postgres through which, from some moment on, nothing comes back and nobody says so."""

from __future__ import annotations

import socket

from bench.counting_proxy import CountingProxy


class BlackholingProxy(CountingProxy):
    def __init__(self, database_url: str) -> None:
        self._dead: set[socket.socket] = set()
        self._swallows_all = False
        super().__init__(database_url)

    def swallow_known(self) -> None:
        """The connections that are open are dead from now on; new ones are well."""
        with self._changed:
            self._dead.update(self._sockets)

    def swallow_all(self) -> None:
        """New ones are dead, too."""
        self._swallows_all = True
        self.swallow_known()

    def close(self) -> None:
        with self._changed:
            self._dead.clear()
            self._swallows_all = False
            self._changed.notify_all()
        super().close()

    def before_answer(self, client: socket.socket) -> None:
        self._changed.wait_for(lambda: client not in self._dead and not self._swallows_all)
