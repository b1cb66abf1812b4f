"""A counting proxy that withholds the answers to statements without waiting."""

from __future__ import annotations

import socket

from bench.counting_proxy import CountingProxy, Traffic
from tests.integration.waiting import PATIENCE


class WithholdingProxy(CountingProxy):
    """Withholds the answer to a statement without waiting until ``let_go``, so a client that waits for it blocks."""

    def __init__(self, database_url: str) -> None:
        self._withheld: set[socket.socket] = set()  # clients whose answers are withheld
        super().__init__(database_url)

    def look(self, unawaited: int = 0) -> Traffic:
        """The traffic since the last call, after ``unawaited`` statements were sent without waiting."""
        self.let_go(unawaited)
        return self.take()

    def let_go(self, unawaited: int = 0) -> None:
        """Pass on the withheld answers, after ``unawaited`` statements were sent without waiting."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._traffic.unawaited) >= unawaited, PATIENCE)
            self._withheld.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.let_go()
        super().close()

    def sent_unawaited(self, client: socket.socket) -> None:
        self._withheld.add(client)

    def before_answer(self, client: socket.socket) -> None:
        if not self._changed.wait_for(lambda: client not in self._withheld, PATIENCE):
            self._traffic.trips.append(["the answer to what is sent without waiting"])
